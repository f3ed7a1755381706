// The program's thread.
import process from "node:process";
import { workerData } from "node:worker_threads";
import { commands } from "../commands.ts";
import { onInterrupt, tell } from "./interrupt.ts";
import { fail, runProgram } from "../program.ts";
import type { ProgramStreams } from "./main_thread.ts";

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
