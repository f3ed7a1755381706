// Comparison with an earlier result: a model has regressed if its median latency exceeds the earlier one by more than
// the tolerance, and so does the lower end of its confidence interval.
import { readFile } from "node:fs/promises";
import { z } from "zod";
import { ConfigError, withinAsync } from "../../src/error.ts";
import { significant } from "../../src/report/number.ts";
import type { BatchResult } from "./json.ts";

const batchSchema = z.object({
  batch: z.number(),
  runs: z.record(z.string(), z.object({ latency_ms: z.object({ median: z.number().positive() }) })),
});
const schema = batchSchema.extend({
  device: z.string(),
  scenario: z.string().optional(),
  sweep: z.array(batchSchema).optional(),
});
export type Baseline = z.infer<typeof schema>;

export function readBaseline(path: string): Promise<Baseline> {
  return withinAsync(path, async () => {
    const text = await readFile(path, "utf8").catch((cause) => {
      throw new ConfigError(`Cannot read the baseline: ${cause.message}; write one with --export-baseline`, {
        cause,
      });
    });
    try {
      return schema.parse(JSON.parse(text));
    } catch (cause) {
      throw new ConfigError(
        "Cannot read the baseline: it is not a result of halftone bench; write one with --export-baseline",
        { cause },
      );
    }
  });
}

/** Rejects a baseline that cannot be compared, before anything is measured. */
export function checkComparable(
  baseline: Baseline,
  device: string,
  scenario: string,
  names: readonly string[],
  batches: readonly number[],
): void {
  if (baseline.device !== device) {
    throw new ConfigError(
      `Cannot compare with the baseline: it was measured on ${baseline.device}, this run is on ${device}`,
    );
  }
  if (baseline.scenario !== undefined && baseline.scenario !== scenario) {
    throw new ConfigError(
      `Cannot compare with the baseline: its scenario is ${baseline.scenario}, this run's is ${scenario}`,
    );
  }
  if (batches.some((batch) => names.some((name) => medianIn(baseline, batch, name) !== undefined))) return;
  throw new ConfigError("Cannot compare with the baseline: it has none of these models at these batch sizes");
}

function medianIn(baseline: Baseline, batch: number, name: string): number | undefined {
  return (baseline.sweep ?? [baseline]).find((one) => one.batch === batch)?.runs[name]?.latency_ms.median;
}

/** One sentence per model and batch size that has become slower. */
export function regressions(
  baseline: Baseline,
  results: readonly BatchResult[],
  tolerancePercent: number,
): string[] {
  return results.flatMap(({ batch, runs }) =>
    runs.flatMap(({ name, latency, medianCi95 }) => {
      const before = medianIn(baseline, batch, name);
      if (before === undefined) return [];
      const limit = before * (1 + tolerancePercent / 100);
      if (latency.median <= limit || medianCi95[0] <= limit) return [];
      const percent = 100 * (latency.median / before - 1);
      return [
        `${name}, batch ${batch}: median latency ${significant(latency.median)} ms, ${
          significant(percent, 3)
        } % above the baseline's ${significant(before)} ms, expected at most ${tolerancePercent} %`,
      ];
    })
  );
}
