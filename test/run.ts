// Runs groups of tests and prints a final line, "N passed, M failed". A file's suffix is its group: `null` needs
// nothing, `ref` ONNX Runtime or patience, `gpu` an adapter, `model` the shared models and data.
import { spawn } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { skipWithoutShared } from "./shared.ts";

const groups = ["null", "ref", "gpu", "model"] as const;
type Group = (typeof groups)[number];
type Count = { passed: number; failed: number; ignored: number };

function groupOf(file: string): Group | undefined {
  if (!file.endsWith("_test.ts")) return undefined;
  return groups.find((group) => file.endsWith(`.${group}_test.ts`)) ?? "null";
}

function filesOf(group: Group): string[] {
  const files = readdirSync("test", { recursive: true, encoding: "utf8" }).map((file) => join("test", file));
  return files.filter((file) => groupOf(file) === group).sort();
}

/**
 * Runs a group in a child process, so that a crash in a driver fails only that group. Output is shown at once if the
 * group runs alone, otherwise when it ends.
 */
function run(group: Group, isAlone: boolean): Promise<Count> {
  const files = filesOf(group);
  if (files.length === 0) return Promise.resolve({ passed: 0, failed: 0, ignored: 0 });
  const header = `\n== ${group}: ${files.length} files\n`;
  if (isAlone) process.stdout.write(header);
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ["test", "-A", "--no-check", "--quiet", ...files], {
      stdio: ["ignore", "pipe", isAlone ? "inherit" : "pipe"],
      env: { ...process.env, NO_COLOR: "1" },
    });
    let output = "";
    const collect = (chunk: Uint8Array) => {
      if (isAlone) process.stdout.write(chunk);
      output += new TextDecoder().decode(chunk);
    };
    child.stdout!.on("data", collect);
    child.stderr?.on("data", collect);
    child.on("close", (code) => {
      if (!isAlone) process.stdout.write(header + output);
      resolve(countOf(output.slice(-4000), code));
    });
  });
}

async function runInTurn(chosen: readonly Group[], isAlone: boolean): Promise<Count[]> {
  const counts: Count[] = [];
  for (const group of chosen) counts.push(await run(group, isAlone));
  return counts;
}

/** Parses Deno's last line: `ok | 12 passed (3 steps) | 0 failed | 2 ignored (1s)`. */
function countOf(output: string, code: number | null): Count {
  const number = (word: string) => Number(new RegExp(`\\| (\\d+) ${word}`).exec(output)?.[1] ?? 0);
  const count = { passed: number("passed"), failed: number("failed"), ignored: number("ignored") };
  if (code !== 0 && count.failed === 0) count.failed = 1;
  return count;
}

const chosen = process.argv.slice(2) as Group[];
const unknown = chosen.filter((group) => !groups.includes(group));
if (unknown.length > 0) {
  process.stderr.write(
    `Cannot run tests: no group is called "${unknown[0]}", expected ${groups.join(", ")}\n`,
  );
  process.exit(2);
}
const total: Count = { passed: 0, failed: 0, ignored: 0 };
// The CPU is mostly idle while the adapter works, so `null` and `ref` run beside `gpu`. `model` measures memory and
// time, so it runs alone.
const asked = chosen.length > 0 ? chosen : groups;
const beside = asked.filter((group) => group === "null" || group === "ref");
const first = asked.filter((group) => group === "gpu");
const counts = [
  ...(await Promise.all([runInTurn(first, true), runInTurn(beside, first.length === 0)])).flat(),
  ...await runInTurn(asked.filter((group) => group === "model"), true),
];
for (const count of counts) {
  for (const key of ["passed", "failed", "ignored"] as const) total[key] += count[key];
}
if (total.ignored > 0) {
  process.stdout.write(`${total.ignored} skipped: ${skipWithoutShared || "see the tests' names"}\n`);
}
process.stdout.write(`${total.passed} passed, ${total.failed} failed\n`);
process.exit(total.failed > 0 ? 1 : 0);
