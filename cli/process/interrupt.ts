// Interrupts in the program's thread: the main thread asks it to close what is open.
import process from "node:process";
import { parentPort } from "node:worker_threads";
import { discardUnfinished } from "../../src/storage/mod.ts";
import type { FromProgram, ToProgram } from "./main_thread.ts";

const closing = new Set<() => void>();

/** Closes `device` after the work, or on interrupt: drivers that still compute crash when the process exits. */
export async function closeAfter<T>(device: { close(): void }, work: () => Promise<T>): Promise<T> {
  const close = () => device.close();
  closing.add(close);
  try {
    return await work();
  } finally {
    closing.delete(close);
    close();
  }
}

/** Sets the text that is printed last on interrupt; "" for none. */
export function setInterruptAdvice(advice: string): void {
  sendToMain({ advice });
}

/** Does nothing if the program does not run in a worker thread. */
export function sendToMain(message: FromProgram): void {
  parentPort?.postMessage(message);
}

export function onInterrupt(): void {
  parentPort?.on("message", (message: ToProgram) => {
    if (message !== "close") return;
    discardUnfinished();
    // Errors that follow from closing the device must not be printed.
    for (const stream of [process.stdout, process.stderr]) stream.write = () => true;
    for (const close of closing) close();
    sendToMain({ closed: true });
  });
}
