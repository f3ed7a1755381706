// The results of a measurement: distributions, throughput, speed-up and warnings, by trtexec's definitions and
// thresholds.
import { seedOf, uniform } from "../../src/tensor/seeded.ts";
import {
  type Distribution,
  distributionOf,
  driftPercent,
  medianInterval,
} from "../../src/evaluate/latency.ts";
import { type Ratio, ratioOf } from "../../src/evaluate/latency.ts";
import { deviceBytes } from "../../src/plan/cost.ts";
import { significant } from "../../src/report/number.ts";
import type { Measured } from "./measure.ts";
import type { Query } from "./scenario.ts";

export type RunResult = {
  readonly name: string;
  readonly queries: number;
  readonly throughputQps: number;
  readonly wallMs: number;
  readonly computeMs: number;
  readonly latency: Distribution;
  readonly medianCi95: readonly [number, number];
  readonly enqueue: Distribution;
  readonly h2d: Distribution;
  readonly compute: Distribution;
  readonly d2h: Distribution;
  /** On the host's clock, from launch to outputs received. */
  readonly endToEnd: Distribution;
  readonly driftPercent: number;
  readonly memory: { readonly arena: number; readonly constants: number };
  readonly warnings: readonly string[];
  readonly measured: Measured;
};

/** trtexec's thresholds: enqueue time as a share of compute time; coefficient of variation in percent. */
const hostBound = 0.8;
const unstablePercent = 2.5;
const driftingPercent = 5;

/** Always in the JSON result. */
const alwaysPercents = [90, 95, 99];

export function resultOf(measured: Measured, percents: readonly number[], seed: number): RunResult {
  const queries = measured.blocks.flat();
  const all = [...new Set([...alwaysPercents, ...percents])];
  const of = (pick: (query: Query) => number) => distributionOf(queries.map(pick), all);
  const latencies = queries.map(({ latencyMs }) => latencyMs);
  const found = {
    name: measured.name,
    queries: queries.length,
    throughputQps: 1000 * queries.length / measured.wallMs,
    wallMs: measured.wallMs,
    computeMs: queries.reduce((sum, { computeMs }) => sum + computeMs, 0),
    latency: distributionOf(latencies, all),
    medianCi95: medianInterval(latenciesOf(measured), uniform(seedOf(seed, 1))),
    enqueue: of(({ enqueueMs }) => enqueueMs),
    h2d: of(({ h2dMs }) => h2dMs),
    compute: of(({ computeMs }) => computeMs),
    d2h: of(({ d2hMs }) => d2hMs),
    endToEnd: of(({ startMs, endMs }) => endMs - startMs),
    driftPercent: driftPercent(latencies),
    memory: deviceBytes(measured.plan),
    measured,
  };
  return { ...found, warnings: warningsOf(found, percents) };
}

export function speedupOf(slow: Measured, fast: Measured, seed: number): Ratio {
  return ratioOf(latenciesOf(slow), latenciesOf(fast), uniform(seedOf(seed, 0)));
}

function latenciesOf({ blocks }: Measured): number[][] {
  return blocks.map((block) => block.map(({ latencyMs }) => latencyMs));
}

function warningsOf(run: Omit<RunResult, "warnings">, percents: readonly number[]): string[] {
  const { compute, enqueue, h2d, d2h, driftPercent: drift, measured, queries } = run;
  const warnings: string[] = [];
  const hasGpuTimes = measured.clock === "gpu";
  if (hasGpuTimes && enqueue.median > hostBound * compute.median) {
    warnings.push(
      `host-bound: enqueueing takes ${significant(enqueue.median, 3)} ms, compute ${
        significant(compute.median, 3)
      } ms; larger batches or --scenario offline help`,
    );
  }
  for (const [stage, { median }] of [["upload (H2D)", h2d], ["read-back (D2H)", d2h]] as const) {
    if (!hasGpuTimes || median < compute.median) continue;
    warnings.push(
      `transfer-bound: ${stage} takes ${significant(median, 3)} ms, compute ${
        significant(compute.median, 3)
      } ms`,
    );
  }
  if (compute.variationPercent > unstablePercent) {
    warnings.push(
      `GPU compute time varies by ${
        significant(compute.variationPercent, 3)
      } % (more than ${unstablePercent} %): ` +
        "other load or changing clock rates; lock the clock rates or measure longer",
    );
  }
  if (Math.abs(drift) > driftingPercent) {
    warnings.push(
      `drift: latency ${drift > 0 ? "rose" : "fell"} by ${significant(Math.abs(drift), 3)} % during the run`,
    );
  }
  const extreme = Math.max(...percents.filter((percent) => percent < 100), 0);
  const least = Math.ceil(100 / (100 - extreme) - 1e-9);
  if (queries < least) {
    warnings.push(
      `${queries} queries are too few for percentile ${extreme}, expected at least ${least}: pass --iterations`,
    );
  }
  return warnings;
}
