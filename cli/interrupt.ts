// Ctrl-C: the process ends with the exit code of its signal and leaves no half-written file.
import process from "node:process";
import { discardUnfinished } from "../src/storage/mod.ts";

const exitCodes = { SIGINT: 130, SIGTERM: 143 } as const;

export function onInterrupt(): void {
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.on(signal, () => {
      discardUnfinished();
      process.stderr.write("\nInterrupted\n");
      process.exit(exitCodes[signal]);
    });
  }
}
