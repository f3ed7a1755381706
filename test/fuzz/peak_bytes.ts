// The memory that a process takes, as its watchdog weighs it.
import { readFileSync } from "node:fs";

/** The most bytes that a process has held at once, so that a short peak counts; 0 where the system does not tell. */
export function peakBytes(pid: number): number {
  try {
    return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}
