// The worker thread in which the program runs.
import process from "node:process";
import { workerData } from "node:worker_threads";
import { commands } from "../commands.ts";
import { onInterrupt, sendToMain } from "./interrupt.ts";
import { fail, runProgram } from "../program.ts";
import type { ProgramStreams } from "./main_thread.ts";

const streams = workerData as ProgramStreams | undefined;
const argv = process.argv.slice(2);

onInterrupt();
// An error in a callback of a driver or a decoder ends the program like any other.
process.on("uncaughtException", (error) => sendToMain({ exitCode: fail(error, argv) }));
Object.assign(process.stdout, propertiesOf(streams?.stdout));
Object.assign(process.stderr, propertiesOf(streams?.stderr));

const exitCode = await runProgram(commands, argv);
// A device may keep the thread alive, so it is ended explicitly; flush the output first.
await Promise.all(
  [process.stdout, process.stderr].map((stream) => new Promise((done) => stream.write("", done))),
);
sendToMain({ exitCode });

/** What to add to a stream of this thread; nothing under Deno, where isTTY and columns are right. */
function propertiesOf(stream: object = {}): object {
  return "Deno" in globalThis ? {} : stream;
}
