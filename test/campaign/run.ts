// deno task campaign: quantizes random networks with random options and judges them by ONNX Runtime. Prints each
// failure with the command that repeats it, and the first one of each kind shrunk to a small case.
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { openMachine } from "../../src/mod.ts";
import { caseJson, caseOf, linesOf } from "./case.ts";
import { Campaign } from "./campaign.ts";
import { runFloatFirst } from "./float_first.ts";
import { judge } from "./judge.ts";
import { runInPieces } from "./pieces.ts";
import { Peer } from "./peer.ts";
import { kindOf } from "./summary.ts";

const usage = `deno task campaign [options]
  --cases N      number of networks (200)
  --seed S       seed (random; printed)
  --only I       run only the I-th case of the seed, and print its network
  --replay FILE  run a case that --save wrote
  --device D     auto, hardware, software or cpu (auto)
  --python PY    compare with quantize_static, using a Python with onnx and onnxruntime
  --save DIR     write shrunk failures as JSON, for test/campaign/cases
  --no-shrink    do not shrink failures`;

const { values: flags } = parseArgs({
  options: {
    cases: { type: "string", default: "200" },
    seed: { type: "string" },
    only: { type: "string" },
    from: { type: "string" },
    to: { type: "string" },
    replay: { type: "string" },
    device: { type: "string", default: "auto" },
    python: { type: "string" },
    save: { type: "string" },
    "no-shrink": { type: "boolean", default: false },
    "float-first": { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});
if (flags.help) {
  process.stdout.write(`${usage}\n`);
  process.exit(0);
}

const seed = Number(flags.seed ?? Math.floor(Math.random() * 2 ** 31));
const say = (text: string) => process.stdout.write(`${text}\n`);
if (flags.only === undefined && flags.replay === undefined && flags.from === undefined) {
  const started = performance.now();
  const found = await runInPieces([...process.argv.slice(2), "--seed", String(seed)], Number(flags.cases));
  for (const index of found.ended) {
    say(`ONNX Runtime crashed: deno task campaign --seed ${seed} --only ${index}`);
  }
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  say(
    `\nSeed ${seed}: ${found.passed} passed, ${found.failed} failed, ${found.refused} refused in ${seconds} s`,
  );
  process.exit(found.failed + found.ended.length > 0 ? 1 : 0);
}
const machine = await openMachine(flags.device as "auto");
const peer = flags.python === undefined ? undefined : new Peer(flags.python);
const campaign = await Campaign.begin(machine, seed, peer);
if (flags.replay) {
  const one = caseOf(JSON.parse(await readFile(flags.replay, "utf8")));
  const { failures, ...rest } = await judge(one, machine);
  say([...linesOf(one.graph), JSON.stringify(one.request)].join("\n"));
  for (const { stage, detail } of failures) say(`${stage}: ${detail}`);
  say(failures.length > 0 ? "failed" : rest.redraw ?? rest.refused ?? rest.excused ?? "passed");
  machine.close();
  process.exit(failures.length > 0 ? 1 : 0);
}
say(`Seed ${seed}, opsets 7 to ${campaign.newestOpset}, ${machine.description}`);
const started = performance.now();
const printProgress = (index: number) =>
  process.stderr.write(`\r${index} of ${to}: ${campaign.summary.counts()} `);
const seen = new Set<string>();
const [from, to] = flags.only === undefined
  ? [Number(flags.from), Number(flags.to)]
  : [Number(flags.only), Number(flags.only) + 1];
for (let index = from; index < to; index++) {
  printProgress(index);
  const { one, verdict } = await campaign.judgeAt(index, flags["float-first"] ? runFloatFirst : undefined);
  if (flags.only !== undefined) say([...linesOf(one.graph), JSON.stringify(one.request)].join("\n"));
  if (verdict.refused && flags.only !== undefined) say(`refused: ${verdict.refused}`);
  const [failure] = verdict.failures;
  if (!failure) continue;
  const kind = kindOf(failure);
  say(`\n${kind}\n  ${failure.detail.slice(0, 400)}\n  deno task campaign --seed ${seed} --only ${index}`);
  if (seen.has(kind)) continue;
  seen.add(kind);
  const small = flags["no-shrink"] ? one : await campaign.shrink(one, kind);
  say([...linesOf(small.graph), JSON.stringify(small.request)].map((line) => `    ${line}`).join("\n"));
  if (flags.save) {
    await mkdir(flags.save, { recursive: true });
    const path = join(flags.save, `${seed}_${index}.json`);
    await writeFile(path, `${JSON.stringify(caseJson(small, failure.detail), undefined, 2)}\n`);
  }
}
printProgress(to);
say(`\n${campaign.summary.text()} in ${((performance.now() - started) / 1000).toFixed(0)} s`);
if (peer) {
  say(`${peer.compared} compared with quantize_static`);
  peer.close();
}
machine.close();
process.exit(campaign.summary.failed > 0 ? 1 : 0);
