// A program of its own whose last line on stdout is JSON: memory peaks belong to processes.
import { execFile } from "node:child_process";
import { promisify } from "node:util";

export async function jsonFrom(program: string, words: readonly string[]): Promise<Record<string, unknown>> {
  const { stdout } = await promisify(execFile)(program, words, { maxBuffer: 64e6 });
  return JSON.parse(stdout.trim().split("\n").at(-1)!);
}
