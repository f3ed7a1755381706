// The thread that hears signals. The program's own thread may be folding constants or solving for minutes; it is asked to
// close its device and to remove half-written files, and not waited for longer than a person would.
import process from "node:process";
import { SHARE_ENV, Worker } from "node:worker_threads";

/** What the program's thread tells this one. `advice` is what to say at an interrupt, until there is another. */
export type FromProgram =
  | { readonly exitCode: number }
  | { readonly advice: string }
  | { readonly closed: true };
export type ToProgram = "close";
/** Under Node, a thread's own streams do not know whether they end in a terminal. */
export type ProgramStreams = Readonly<Record<"stdout" | "stderr", { isTTY?: boolean; columns?: number }>>;

const exitCodes = { SIGINT: 130, SIGTERM: 143 } as const;
type Signal = keyof typeof exitCodes;
/** For closing a device: an interrupt is answered within a second. */
const patienceMs = 500;

/** Runs the module at `url` in a thread; the exit code that it, or a signal, asks for. */
export async function runThread(url: string): Promise<number> {
  const { argv, stdout, stderr } = process;
  const streams: ProgramStreams = { stdout: terminalOf(stdout), stderr: terminalOf(stderr) };
  const worker = new Worker(new URL(url), { argv: argv.slice(2), env: SHARE_ENV, workerData: streams });
  // The reader of a pipe has gone (`halftone doctor | head`): there is nobody left to tell.
  stdout.on("error", () => process.exit(1));
  let advice = "";
  let onClosed = () => {};
  const end = await new Promise<{ code: number; signal?: Signal }>((resolve) => {
    worker.on("message", (told: FromProgram) => {
      if ("exitCode" in told) resolve({ code: told.exitCode });
      else if ("advice" in told) advice = told.advice;
      else onClosed();
    });
    worker.on("error", async (error) => resolve({ code: (await import("../program.ts")).fail(error, argv) }));
    worker.on("exit", (code) => resolve({ code }));
    for (const signal of ["SIGINT", "SIGTERM"] as const) {
      process.on(signal, () => {
        onClosed = () => resolve({ code: exitCodes[signal], signal });
        setTimeout(onClosed, patienceMs);
        worker.postMessage("close" satisfies ToProgram);
      });
    }
  });
  if (end.signal) stderr.write(`${stderr.isTTY ? restored : ""}\nInterrupted\n${advice && `${advice}\n`}`);
  // What was written must get out before the end.
  await Promise.all([stdout, stderr].map((stream) => new Promise((done) => stream.write("", done))));
  if (end.signal && !("Deno" in globalThis)) dieOf(end.signal);
  return end.code;
}

/** Dawn aborts where Node ends a thread in which it still compiles; a signal's own end asks nobody. */
function dieOf(signal: Signal): void {
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
}

/** The cursor and the wrapping of lines that a progress bar has taken away. */
const restored = "\x1b[?25h\x1b[?7h";

function terminalOf({ isTTY, columns }: NodeJS.WriteStream): ProgramStreams["stdout"] {
  return { isTTY, columns };
}
