// The result as text: trtexec's performance summary of each model, then a comparison.
import type { Distribution, Ratio } from "../../src/evaluate/latency.ts";
import { medianOf } from "../../src/tensor/median.ts";
import { bytesText, decibelText, percentText, significant } from "../../src/report/number.ts";
import { type Cell, table } from "../terminal/table.ts";
import type { Accuracies, BatchResult, FileBytes } from "./json.ts";
import type { Query } from "./scenario.ts";
import type { RunResult } from "./result.ts";

const ms = (value: number) => `${significant(value)} ms`;
const right = (text: string): Cell => ({ right: text });

/** In the format of trtexec. */
export function performanceSummary(run: RunResult, batch: number, percents: readonly number[]): string {
  const line = (what: string, { min, max, mean, median, percentiles }: Distribution) =>
    `${what}: min = ${ms(min)}, max = ${ms(max)}, mean = ${ms(mean)}, median = ${ms(median)}` +
    percents.map((percent) => `, percentile(${percent}%) = ${ms(percentiles.get(percent)!)}`).join("");
  return [
    `=== Performance summary: ${run.name}${batch > 1 ? `, batch ${batch}` : ""} ===`,
    `Throughput: ${significant(run.throughputQps)} qps` +
    (batch > 1 ? ` (${significant(run.throughputQps * batch)} images per second)` : ""),
    line("Latency", run.latency),
    line("Enqueue Time", run.enqueue),
    line("H2D Latency", run.h2d),
    line("GPU Compute Time", run.compute),
    line("D2H Latency", run.d2h),
    `Total Host Walltime: ${significant(run.wallMs / 1000)} s`,
    `Total GPU Compute Time: ${significant(run.computeMs / 1000)} s`,
    ...run.warnings.map((warning) => `Warning: ${warning}`),
  ].join("\n");
}

/** Speed, accuracy and memory in one table, one column per model. */
export function comparisonText(
  { runs, speedups, batch }: BatchResult,
  accuracies: Accuracies,
  files: FileBytes,
): string {
  const row = (what: string, of: (run: RunResult) => string | undefined): Cell[][] => {
    const cells = runs.map((run) => of(run));
    return cells.some((cell) => cell !== undefined)
      ? [[what, ...cells.map((cell) => right(cell ?? ""))]]
      : [];
  };
  const accuracy = (run: RunResult) => accuracies.get(run.name);
  const [anyAccuracy] = accuracies.values();
  return table([
    [batch > 1 ? `Batch ${batch}` : "", ...runs.map(({ name }) => right(name))],
    ...row("Latency, median", (run) => ms(run.latency.median)),
    ...row("  end to end, median", (run) => ms(run.endToEnd.median)),
    ...row("Throughput", (run) => `${significant(run.throughputQps)} qps`),
    ...row("Speed-up", (run) => speedups.get(run.name) && speedupText(speedups.get(run.name)!)),
    ...row("Top-1", (run) => topText(run === runs[0] ? anyAccuracy?.float : accuracy(run)?.quantized)),
    ...row("Same first answer", (run) => accuracy(run) && percentText(100 * accuracy(run)!.agreement)),
    ...row("Output SQNR", (run) => accuracy(run) && decibelText(accuracy(run)!.outputSqnrDb)),
    ...row("File", (run) => files.has(run.name) ? bytesText(files.get(run.name)!) : undefined),
    ...row("Device memory", ({ memory }) => bytesText(memory.arena + memory.constants)),
    ...row("  of which constants", ({ memory }) => bytesText(memory.constants)),
    ...row("Planning", ({ measured }) => ms(measured.planMs)),
    ...row("Compiling kernels", ({ measured }) => ms(measured.compileMs)),
    ...row("Uploading weights", ({ measured }) => ms(measured.uploadMs)),
    ...row("First inference", ({ measured }) => ms(measured.firstMs)),
  ]);
}

function topText(found: { readonly top1: number } | undefined): string | undefined {
  return found && percentText(found.top1);
}

/** `1.74 (95 %: 1.7 to 1.79)`, with a note if it is not significant. */
export function speedupText({ median, ci95: [low, high], significant: isSignificant }: Ratio): string {
  const text = `${significant(median, 3)} (95 %: ${significant(low, 3)} to ${significant(high, 3)})`;
  return isSignificant ? text : `${text}, not significant`;
}

/** trtexec's timing trace: averages of consecutive queries. */
export function traceText({ measured, name }: RunResult, avgRuns: number): string {
  const queries = measured.blocks.flat();
  const groups: Query[][] = [];
  for (let at = 0; at < queries.length; at += avgRuns) groups.push(queries.slice(at, at + avgRuns));
  const mean = (group: readonly Query[], pick: (query: Query) => number) =>
    ms(group.reduce((sum, query) => sum + pick(query), 0) / group.length);
  const { queries: warm, ms: warmMs } = measured.warmUp;
  return [
    `${name}: Warmup completed ${warm} queries over ${significant(warmMs)} ms`,
    `${name}: Timing trace has ${queries.length} queries over ${significant(measured.wallMs / 1000)} s`,
    ...groups.map((group) =>
      `Average on ${group.length} runs - GPU latency: ${
        mean(group, ({ computeMs }) => computeMs)
      } - Host latency: ${mean(group, ({ latencyMs }) => latencyMs)} (enqueue ${
        mean(group, ({ enqueueMs }) => enqueueMs)
      })`
    ),
  ].join("\n");
}

/** Throughput by batch size, and each model's best one. */
export function sweepText(results: readonly BatchResult[]): string {
  const names = results[0].runs.map(({ name }) => name);
  const rate = ({ batch, runs }: BatchResult, name: string) =>
    batch * (runs.find((run) => run.name === name)?.throughputQps ?? 0);
  return table([
    ["Images per second", ...names.map(right)],
    ...results.map((result) => [
      `  batch ${result.batch}`,
      ...names.map((name) => right(significant(rate(result, name)))),
    ]),
    [
      "Best batch",
      ...names.map((name) => {
        const best = results.reduce((a, b) => rate(b, name) > rate(a, name) ? b : a);
        return right(String(best.batch));
      }),
    ],
  ]);
}

/** Medians over the rows, position by position. */
export function columnMedians(rows: readonly (readonly number[])[]): number[] {
  return rows[0].map((_, i) => medianOf(rows.map((row) => row[i])));
}
