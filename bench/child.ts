// A program of its own whose last line on stdout is JSON: memory peaks belong to processes.
import { execFile } from "node:child_process";
import process from "node:process";
import { promisify } from "node:util";

/**
 * Runs it with a small shell in between. Linux counts the peak of whoever starts a program as that program's
 * own (`ru_maxrss` survives exec), and a bench is bigger than what it measures.
 */
export async function jsonFrom(program: string, words: readonly string[]): Promise<Record<string, unknown>> {
  const [shell, ...given] = process.platform === "win32"
    ? [program]
    : ["sh", "-c", '"$@"; exit $?', "sh", program];
  const { stdout } = await promisify(execFile)(shell, [...given, ...words], { maxBuffer: 64e6 });
  return JSON.parse(stdout.trim().split("\n").at(-1)!);
}
