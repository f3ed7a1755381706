// The program's thread: the command table. A new command is a file and a line here.
import process from "node:process";
import { workerData } from "node:worker_threads";
import { bench } from "./bench.ts";
import { calib } from "./calib.ts";
import { doctor } from "./doctor.ts";
import { evaluation } from "./eval.ts";
import { exporting } from "./export.ts";
import { inspection } from "./inspect.ts";
import { onInterrupt, tell } from "./interrupt.ts";
import { merging } from "./merge.ts";
import { fail, runProgram } from "./program.ts";
import { quant } from "./quant.ts";
import { quantize } from "./quantize.ts";
import type { ProgramStreams } from "./thread.ts";
import { training } from "./train.ts";

const commands = {
  inspect: inspection,
  calib,
  merge: merging,
  eval: evaluation,
  export: exporting,
  quantize,
  quant,
  train: training,
  bench,
  doctor,
};
const streams = workerData as ProgramStreams | undefined;
const argv = process.argv.slice(2);

onInterrupt();
// An error in a callback of a driver or a decoder ends the program like any other.
process.on("uncaughtException", (error) => tell({ exitCode: fail(error, argv) }));
Object.assign(process.stdout, known(streams?.stdout));
Object.assign(process.stderr, known(streams?.stderr));

const exitCode = await runProgram(commands, argv);
// A device may keep the thread alive; what was written must get out before the end.
await Promise.all(
  [process.stdout, process.stderr].map((stream) => new Promise((done) => stream.write("", done))),
);
tell({ exitCode });

/** Deno's streams know what they are. */
function known(stream: object = {}): object {
  return "Deno" in globalThis ? {} : stream;
}
