// An interrupt as the program's thread sees it: the other one asks it to close what it has open.
import process from "node:process";
import { parentPort } from "node:worker_threads";
import { discardUnfinished } from "../../src/storage/mod.ts";
import type { FromProgram, ToProgram } from "./main_thread.ts";

const closing = new Set<() => void>();

/** Does the work; an interrupt closes `device` first: drivers whose threads still compute crash while a process exits. */
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

/** What an interrupt says last, from now on; "": nothing. */
export function setInterruptAdvice(advice: string): void {
  tell({ advice });
}

/** Tells the thread that hears signals; nothing where the program has no thread of its own. */
export function tell(told: FromProgram): void {
  parentPort?.postMessage(told);
}

export function onInterrupt(): void {
  parentPort?.on("message", (asked: ToProgram) => {
    if (asked !== "close") return;
    discardUnfinished();
    // What fails without its device is not to be read by anyone.
    for (const stream of [process.stdout, process.stderr]) stream.write = () => true;
    for (const close of closing) close();
    tell({ closed: true });
  });
}
