// Ctrl-C: the process ends with the exit code of its signal and leaves no half-written file.
import process from "node:process";
import { discardUnfinished } from "../src/storage/mod.ts";

const exitCodes = { SIGINT: 130, SIGTERM: 143 } as const;

const closing = new Set<() => void>();

/** Does the work; an interrupt closes `device` first: drivers whose threads still compute crash while a process exits. */
export async function closedAfter<T>(device: { close(): void }, work: () => Promise<T>): Promise<T> {
  const close = () => device.close();
  closing.add(close);
  try {
    return await work();
  } finally {
    closing.delete(close);
    close();
  }
}

export function onInterrupt(): void {
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.on(signal, () => {
      discardUnfinished();
      process.stderr.write("\nInterrupted\n");
      for (const close of closing) close();
      process.exit(exitCodes[signal]);
    });
  }
}
