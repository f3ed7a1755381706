// `deno task conformance`: parses, runs, prints. Returns the exit code and never throws.
import { statSync, writeFileSync } from "node:fs";
import process from "node:process";
import { Command, InvalidArgumentError, Option } from "commander";
import { fail, type Streams } from "../../cli/program.ts";
import { progressOn } from "../../cli/terminal/progress.ts";
import { ConfigError } from "../../src/error.ts";
import { type Lane, type LaneCommand, laneCommand, openLane } from "./lane.ts";
import type { Verdict } from "./judge.ts";
import { skipReason } from "./skips.ts";
import {
  failuresText,
  isEnough,
  type MachineName,
  type Result,
  scoresOf,
  scoreText,
  skipsText,
  tableText,
} from "./table.ts";
import { type Vector, vectorsIn } from "./vectors.ts";

type Flags = {
  readonly vectors: readonly Vector[];
  readonly only?: readonly string[];
  readonly machine: MachineName | "both";
  readonly device: string;
  readonly json?: string;
  readonly listFailures?: boolean;
};

const options = [
  new Option("--vectors <DIR>", "onnx/backend/test/data/node of the onnx Python package")
    .argParser(vectorsOption).makeOptionMandatory(),
  new Option("--only <name...>", "cases whose name or operator contains one of these words"),
  new Option("--machine <choice>", "where to run them").choices(["gpu", "reference", "both"]).default("both"),
  new Option("--device <choice>", "what the GPU machine runs on")
    .choices(["auto", "hardware", "software", "cpu"]).default("auto"),
  new Option("--json <FILE>", "write one JSON line per case"),
  new Option("--list-failures", "print the failures and nothing else"),
];

function vectorsOption(directory: string): Vector[] {
  const isFolder = statSync(directory, { throwIfNoEntry: false })?.isDirectory();
  const vectors = isFolder ? vectorsIn(directory) : [];
  if (vectors.length > 0) return vectors;
  throw new InvalidArgumentError("Expected a folder of folders CASE/model.onnx.");
}

/** The command that runs a machine's cases; tests use another program. */
export type Commands = (machine: MachineName, device: string) => LaneCommand;

export async function conformance(
  argv: readonly string[],
  streams: Streams = process,
  commands: Commands = laneCommand,
): Promise<number> {
  try {
    const flags = parse(argv, streams);
    if (!flags) return 0;
    return await run(flags, streams, commands) ? 0 : 1;
  } catch (error) {
    const exitCode = fail(error, argv.filter((word) => word !== "--json"), streams);
    return error instanceof ConfigError ? 2 : exitCode;
  }
}

function parse(argv: readonly string[], { stdout, stderr }: Streams): Flags | undefined {
  const program = new Command("conformance")
    .description("Runs ONNX's node tests. One table by operator on stdout, progress on stderr.")
    .configureOutput({
      writeOut: (text) => void stdout.write(text),
      writeErr: (text) => void stderr.write(text),
      outputError: () => {},
    })
    .exitOverride()
    .addHelpText("after", "\nExit codes: 0 enough cases pass, 1 too few, 2 misused.");
  for (const option of options) program.addOption(option);
  let flags: Flags | undefined;
  program.action(() => void (flags = program.opts()));
  program.parse(argv, { from: "user" });
  return flags;
}

async function run(flags: Flags, { stdout, stderr }: Streams, commands: Commands): Promise<boolean> {
  const machines: MachineName[] = flags.machine === "both" ? ["gpu", "reference"] : [flags.machine];
  const vectors = chooseVectors(flags.vectors, flags.only);
  if (flags.json) writeFileSync(flags.json, "");
  const progress = progressOn(stderr, "Judging", undefined, "cases");
  const lanes: Lane[] = [];
  try {
    for (const one of machines) lanes.push(await openLane(commands(one, flags.device)));
    const verdicts = await judgeAll(lanes, vectors.filter((one) => !skipReason(one)), progress.update);
    progress.finish();
    const results = vectors.map((vector): Result => ({
      case: vector.name,
      operator: vector.operator,
      skipped: skipReason(vector),
      ...Object.fromEntries(machines.map((name, i) => [name, verdicts[i].get(vector)])),
    }));
    if (flags.json) writeFileSync(flags.json, results.map((one) => `${JSON.stringify(one)}\n`).join(""));
    const about = machines.map((name, i) => `${name}: ${lanes[i].description}`);
    stdout.write(flags.listFailures ? failuresText(results) : reportText(results, machines, about));
    return isEnough(scoresOf(results, machines));
  } finally {
    progress.finish();
    for (const lane of lanes) lane.close();
  }
}

/** Runs the lanes in parallel; the verdicts of each. */
function judgeAll(
  lanes: readonly Lane[],
  vectors: readonly Vector[],
  onProgress: (done: number, total: number) => void,
): Promise<Map<Vector, Verdict>[]> {
  let done = 0;
  return Promise.all(lanes.map(async (lane) => {
    const verdicts = new Map<Vector, Verdict>();
    for (const vector of vectors) {
      verdicts.set(vector, await lane.judge(vector.folder));
      onProgress(++done, vectors.length * lanes.length);
    }
    return verdicts;
  }));
}

function chooseVectors(vectors: readonly Vector[], only: readonly string[] | undefined): readonly Vector[] {
  if (!only) return vectors;
  const has = ({ name, operator }: Vector, word: string) => name.includes(word) || operator.includes(word);
  const unmatched = only.find((word) => !vectors.some((vector) => has(vector, word)));
  if (unmatched === undefined) return vectors.filter((vector) => only.some((word) => has(vector, word)));
  throw new ConfigError(`Cannot run "${unmatched}": no case or operator has it in its name`);
}

function reportText(
  results: readonly Result[],
  machines: readonly MachineName[],
  about: readonly string[],
): string {
  const part = (title: string, text: string) => text === "" ? "" : `\n${title}\n${text}`;
  const head = [
    ...about,
    "",
    tableText(results, machines),
    "",
    ...scoresOf(results, machines).map(scoreText),
  ];
  const failures = failuresText(results).replace(/^(?=.)/gm, "  ");
  return `${head.join("\n")}\n${part("Skipped", skipsText(results))}${part("Failed", failures)}`;
}
