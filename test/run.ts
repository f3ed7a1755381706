// Runs groups of tests and prints one line at the end, "N passed, M failed". A group is a suffix: `null` needs
// nothing, `ref` needs ONNX Runtime or patience, `gpu` an adapter, `model` the shared models and data.
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
 * One process a group: a crash in a driver fails that group and not the others. `isAlone`: what it prints is shown at
 * once, else when it ends.
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
    const hear = (chunk: Uint8Array) => {
      if (isAlone) process.stdout.write(chunk);
      output += new TextDecoder().decode(chunk);
    };
    child.stdout!.on("data", hear);
    child.stderr?.on("data", hear);
    child.on("close", (code) => {
      if (!isAlone) process.stdout.write(header + output);
      resolve(countOf(output.slice(-4000), code));
    });
  });
}

/** The groups one after the other. */
async function runInTurn(chosen: readonly Group[], isAlone: boolean): Promise<Count[]> {
  const counts: Count[] = [];
  for (const group of chosen) counts.push(await run(group, isAlone));
  return counts;
}

/** Deno's closing line: `ok | 12 passed (3 steps) | 0 failed | 2 ignored (1s)`. */
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
// The CPU is idle where the adapter works, and the other way round: what needs no adapter runs beside what does. The models
// are measured in memory and time, alone.
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
