// The printed report: a table by operator, the skipped cases by reason, and one line per failure.
import { type Cell, printable, table } from "../../cli/terminal/table.ts";
import type { Verdict } from "./judge.ts";

export type MachineName = "gpu" | "reference";

export type Result = {
  readonly case: string;
  readonly operator: string;
  /** Why it was not run. */
  readonly skipped?: string;
  readonly gpu?: Verdict;
  readonly reference?: Verdict;
};

/** Share of the cases run that must pass on each machine. */
export const required = 0.95;

export type Score = { readonly machine: MachineName; readonly passed: number; readonly run: number };

export function scoresOf(results: readonly Result[], machines: readonly MachineName[]): Score[] {
  const run = results.filter(({ skipped }) => skipped === undefined);
  return machines.map((machine) => ({
    machine,
    passed: run.filter((result) => result[machine]?.passed).length,
    run: run.length,
  }));
}

/** Whether every machine passes enough cases; true if none were run. */
export function isEnough(scores: readonly Score[]): boolean {
  return scores.every(({ passed, run }) => passed >= required * run);
}

export function tableText(results: readonly Result[], machines: readonly MachineName[]): string {
  const byOperator = groupBy(results, ({ operator }) => operator);
  const heads = ["cases", ...machines, "failed", "skipped"].map((right) => ({ right }));
  const rows: Cell[][] = [["operator", ...heads]];
  for (const [operator, own] of [...byOperator].sort(([a], [b]) => a < b ? -1 : 1)) {
    rows.push([operator, ...countsOf(own, machines)]);
  }
  rows.push([`${byOperator.size} operators`, ...countsOf(results, machines)]);
  return table(rows);
}

function countsOf(results: readonly Result[], machines: readonly MachineName[]): Cell[] {
  const scores = scoresOf(results, machines).map(({ passed }) => passed);
  const failed = results.filter((result) => failuresOf(result).length > 0).length;
  const skipped = results.filter((result) => result.skipped !== undefined).length;
  return [results.length, ...scores, failed, skipped].map((count) => ({ right: String(count) }));
}

export function scoreText({ machine, passed, run }: Score): string {
  const percent = run === 0 ? "100" : (100 * passed / run).toFixed(1);
  return `${machine}: ${passed} of ${run} cases pass, ${percent} % (expected ${100 * required} %)`;
}

export function skipsText(results: readonly Result[]): string {
  const reasons = groupBy(results.filter(({ skipped }) => skipped !== undefined), ({ skipped }) => skipped!);
  const sorted = [...reasons].sort(([, a], [, b]) => b.length - a.length);
  const text = sorted.map(([reason, own]) =>
    `  ${own.length} ${reason}\n${wrapNames(own.map((one) => one.case))}\n`
  );
  return text.join("");
}

/** One line per failure; machines that fail in the same way share it. */
export function failuresText(results: readonly Result[]): string {
  const lines = results.flatMap((result) =>
    failuresOf(result).map(({ machines, why }) => `${result.case} (${machines}): ${why}\n`)
  );
  return printable(lines.join(""));
}

function failuresOf({ gpu, reference }: Result): { machines: string; why: string }[] {
  const of = (machines: string, verdict: Verdict | undefined) =>
    verdict && !verdict.passed ? [{ machines, why: verdict.why ?? "" }] : [];
  const alike = gpu?.passed === false && reference?.passed === false && gpu.why === reference.why;
  return alike ? of("both", gpu) : [...of("gpu", gpu), ...of("reference", reference)];
}

/** Names in lines of at most 110 columns. */
function wrapNames(names: readonly string[]): string {
  const lines = ["   "];
  for (const name of names) {
    if (lines.at(-1)!.length + 1 + name.length > 110) lines.push("   ");
    lines[lines.length - 1] += ` ${name}`;
  }
  return lines.join("\n");
}

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const grouped = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = grouped.get(key);
    if (group) group.push(item);
    else grouped.set(key, [item]);
  }
  return grouped;
}
