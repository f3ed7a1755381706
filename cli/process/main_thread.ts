// The main thread handles signals, because the program's thread may compute for minutes without a pause. On a signal,
// the program is asked to close its device and remove half-written files, and the process ends after at most half a
// second.
import process from "node:process";
import { SHARE_ENV, Worker } from "node:worker_threads";

/** Messages of the program's thread. The last `advice` is printed on interrupt. */
export type FromProgram =
  | { readonly exitCode: number }
  | { readonly advice: string }
  | { readonly closed: true };
export type ToProgram = "close";
/** Under Node, the streams of a worker thread lack these properties. */
export type ProgramStreams = Readonly<Record<"stdout" | "stderr", { isTTY?: boolean; columns?: number }>>;

const exitCodes = { SIGINT: 130, SIGTERM: 143 } as const;
type Signal = keyof typeof exitCodes;
/** How long the program may take to close its device. */
const patienceMs = 500;

/** Runs the module at `url` in a worker thread and returns the exit code, its own or that of a signal. */
export async function runThread(url: string): Promise<number> {
  const { argv, stdout, stderr } = process;
  const streams: ProgramStreams = { stdout: terminalProperties(stdout), stderr: terminalProperties(stderr) };
  const worker = new Worker(new URL(url), { argv: argv.slice(2), env: SHARE_ENV, workerData: streams });
  // The reader of the pipe has gone (`halftone doctor | head`).
  stdout.on("error", () => process.exit(1));
  let advice = "";
  let stopWaiting = () => {};
  const end = await new Promise<{ code: number; signal?: Signal }>((resolve) => {
    worker.on("message", (message: FromProgram) => {
      if ("exitCode" in message) resolve({ code: message.exitCode });
      else if ("advice" in message) advice = message.advice;
      else stopWaiting();
    });
    worker.on("error", async (error) => resolve({ code: (await import("../program.ts")).fail(error, argv) }));
    worker.on("exit", (code) => resolve({ code }));
    for (const signal of ["SIGINT", "SIGTERM"] as const) {
      process.on(signal, () => {
        stopWaiting = () => resolve({ code: exitCodes[signal], signal });
        setTimeout(stopWaiting, patienceMs);
        worker.postMessage("close" satisfies ToProgram);
      });
    }
  });
  if (end.signal) {
    stderr.write(`${stderr.isTTY ? restoreTerminal : ""}\nInterrupted\n${advice && `${advice}\n`}`);
  }
  // Flush the output.
  await Promise.all([stdout, stderr].map((stream) => new Promise((done) => stream.write("", done))));
  if (end.signal && !("Deno" in globalThis)) dieOf(end.signal);
  return end.code;
}

/** Dawn aborts when Node ends a thread in which it is compiling; the signal's default action avoids that. */
function dieOf(signal: Signal): void {
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
}

/** Turns the cursor and line wrapping on again, which a progress bar turns off. */
const restoreTerminal = "\x1b[?25h\x1b[?7h";

function terminalProperties({ isTTY, columns }: NodeJS.WriteStream): ProgramStreams["stdout"] {
  return { isTTY, columns };
}
