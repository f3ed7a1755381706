// Programs in processes of their own, because memory peaks belong to processes. The last line on stdout is JSON.
import { execFile } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

/** `seconds`: the whole process, from its start to its end. */
export type Cost = { readonly seconds: number; readonly peakBytes: number };

/**
 * Runs a program through a small shell. Linux counts the peak of the parent as the child's own (`ru_maxrss` survives
 * exec), and a bench is larger than what it measures.
 */
export async function jsonFrom(program: string, words: readonly string[]): Promise<Record<string, unknown>> {
  const [shell, ...given] = process.platform === "win32"
    ? [program]
    : ["sh", "-c", '"$@"; exit $?', "sh", program];
  const { stdout } = await promisify(execFile)(shell, [...given, ...words], { maxBuffer: 64e6 });
  return JSON.parse(stdout.trim().split("\n").at(-1)!);
}

const halftone = fileURLToPath(new URL("../cli/main.ts", import.meta.url));

export function runHalftone(command: string, ...options: string[]): Promise<Record<string, unknown>> {
  const run = ["run", "-A", "--quiet", halftone, command, "--json", "--quiet"];
  return jsonFrom(process.execPath, [...run, ...options]);
}

/** Seconds and peak memory of `halftone calib`. */
export async function calibrationCost(...options: string[]): Promise<Cost> {
  const started = performance.now();
  const { peak_rss_bytes } = await runHalftone("calib", ...options);
  return { seconds: (performance.now() - started) / 1000, peakBytes: peak_rss_bytes as number };
}
