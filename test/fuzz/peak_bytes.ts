// The peak memory of a process.
import { readFileSync } from "node:fs";

/** The largest resident set so far; 0 if the system does not report it. */
export function peakBytes(pid: number): number {
  try {
    return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}
