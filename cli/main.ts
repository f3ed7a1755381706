#!/usr/bin/env -S deno run -A
// halftone COMMAND: the command table. A new command is a file and a line here.
import process from "node:process";
import { bench } from "./bench.ts";
import { calib } from "./calib.ts";
import { doctor } from "./doctor.ts";
import { evaluation } from "./eval.ts";
import { exporting } from "./export.ts";
import { inspection } from "./inspect.ts";
import { onInterrupt } from "./interrupt.ts";
import { merging } from "./merge.ts";
import { fail, runProgram } from "./program.ts";
import { quant } from "./quant.ts";
import { quantize } from "./quantize.ts";
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
const argv = process.argv.slice(2);

onInterrupt();
// An error in a callback of a driver or a decoder ends the program like any other.
process.on("uncaughtException", (error) => process.exit(fail(error, argv)));
// The reader of a pipe has gone (`halftone doctor | head`): there is nobody left to tell.
process.stdout.on("error", () => process.exit(1));

const exitCode = await runProgram(commands, argv);
// A device may keep the process alive; what was written must get out before the end.
await Promise.all(
  [process.stdout, process.stderr].map((stream) => new Promise((done) => stream.write("", done))),
);
process.exit(exitCode);
