// deno task bench NAME [options]: the table of benches. A new bench is one file and one line here.
import { Command, Option } from "commander";
import process from "node:process";
import { bench as product } from "../cli/commands/bench.ts";
import { whole } from "../cli/options/option.ts";
import { runProgram } from "../cli/program.ts";
import { openMachine } from "../src/mod.ts";
import { accuracy } from "./accuracy.ts";
import type { Bench, SharedFlags } from "./bench.ts";
import { calibration } from "./calibration.ts";
import { engine } from "./engine.ts";
import { engines } from "./engines.ts";
import { environmentOf, isMachineBusy } from "./environment.ts";
import { finetuning } from "./finetune.ts";
import { inspections } from "./inspection.ts";
import { int8 } from "./int8.ts";
import { kernels } from "./kernels.ts";
import { methodsBench } from "./methods.ts";
import { models } from "./models.ts";
import { peersBench } from "./peers.ts";
import { reportOn } from "./report.ts";
import { torchscript } from "./torchscript.ts";

const benches: Readonly<Record<string, Bench>> = {
  accuracy,
  calibration,
  engine,
  engines,
  finetune: finetuning,
  inspect: inspections,
  int8,
  kernels,
  methods: methodsBench,
  peers: peersBench,
  torchscript,
};

type Flags = SharedFlags & {
  readonly device: "auto" | "hardware" | "software" | "cpu";
  readonly json?: string;
  readonly loaded?: boolean;
};

const sharedOptions = [
  new Option("--shared <DIR>", "folder of the shared models and data").default("../shared"),
  new Option("--only <name...>", "these models only").choices(models.map(({ name }) => name)),
  new Option("--images <N>", "at most this many images per model").argParser(whole(1, 1e6)),
  new Option("--device <choice>", "where to compute").choices(["auto", "hardware", "software", "cpu"])
    .default("auto"),
  new Option("--json <FILE>", "write one JSON line per row"),
  new Option("--loaded", "measure times even if the machine has other work"),
];

async function run(name: string, bench: Bench, flags: Flags): Promise<boolean> {
  if (bench.timed && !flags.loaded && isMachineBusy()) {
    process.stderr.write(
      `Cannot measure times: the machine is busy, expected it to be idle; or pass --loaded\n`,
    );
    return false;
  }
  await bench.before?.(flags);
  const machine = await openMachine(flags.device);
  try {
    return await bench.run(machine, flags, reportOn(name, await environmentOf(machine), flags.json));
  } finally {
    machine.close();
  }
}

let kept = true;
const program = new Command("bench").description("Measures halftone. Tables on stdout, progress on stderr.");
for (const [name, bench] of Object.entries(benches)) {
  const command = program.command(name).description(bench.summary);
  const own = new Set(bench.options.map((option) => option.name()));
  for (const option of bench.options) command.addOption(option);
  for (const option of sharedOptions) if (!own.has(option.name())) command.addOption(option);
  command.action(async (flags: Flags) => {
    kept = await run(name, bench, flags);
  });
}
// `deno task bench -- NAME` passes the two dashes along.
const words = process.argv.slice(process.argv[2] === "--" ? 3 : 2);
if (words.length === 0) program.outputHelp();
// `deno task bench --model …` is the halftone command.
else if (words[0].startsWith("--") && words[0] !== "--help") {
  kept = await runProgram({ bench: product }, ["bench", ...words]) === 0;
} else await program.parseAsync(words, { from: "user" });
// Dawn and ONNX Runtime keep threads alive.
process.exit(kept ? 0 : 1);
