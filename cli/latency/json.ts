// The result as JSON.
import type { Distribution, Ratio } from "../../src/evaluate/latency.ts";
import type { Evaluation } from "../../src/mod.ts";
import { evaluationJson } from "../../src/report/json.ts";
import type { RunResult } from "./result.ts";

/** The runs at one batch size. `speedups` are relative to the first run, by the names of the others. */
export type BatchResult = {
  readonly batch: number;
  readonly inputs: Readonly<Record<string, readonly number[]>>;
  readonly runs: readonly RunResult[];
  readonly speedups: ReadonlyMap<string, Ratio>;
};

export type Accuracies = ReadonlyMap<string, Evaluation>;
export type FileBytes = ReadonlyMap<string, number>;

export function batchJson(result: BatchResult, accuracies: Accuracies, files: FileBytes) {
  const { batch, inputs, runs, speedups } = result;
  const all = Object.fromEntries([...speedups].map(([name, speedup]) => [name, ratioJson(speedup)]));
  const [first] = Object.values(all);
  return {
    batch,
    inputs,
    runs: Object.fromEntries(
      runs.map((run) => [run.name, runJson(run, batch, accuracies.get(run.name), files.get(run.name))]),
    ),
    ...(first && { speedup: all.int8 ?? first, speedups: all }),
  };
}

function runJson(
  run: RunResult,
  batch: number,
  accuracy: Evaluation | undefined,
  fileBytes: number | undefined,
) {
  const { measured, memory } = run;
  return {
    throughput_qps: run.throughputQps,
    images_per_second: run.throughputQps * batch,
    latency_ms: distributionJson(run.latency),
    gpu_compute_ms: distributionJson(run.compute),
    h2d_ms: distributionJson(run.h2d),
    d2h_ms: distributionJson(run.d2h),
    enqueue_ms: distributionJson(run.enqueue),
    first_inference_ms: measured.firstMs,
    load_ms: measured.planMs + measured.compileMs + measured.uploadMs,
    end_to_end_ms: distributionJson(run.endToEnd),
    median_ci95_ms: run.medianCi95,
    plan_ms: measured.planMs,
    compile_ms: measured.compileMs,
    weight_upload_ms: measured.uploadMs,
    warm_up: { queries: measured.warmUp.queries, ms: measured.warmUp.ms },
    queries: run.queries,
    total_host_walltime_s: run.wallMs / 1000,
    total_gpu_compute_time_s: run.computeMs / 1000,
    clock: measured.clock,
    drift_percent: run.driftPercent,
    ...(fileBytes !== undefined && { file_bytes: fileBytes }),
    device_bytes: { arena: memory.arena, constants: memory.constants },
    ...(accuracy && { accuracy: evaluationJson(accuracy) }),
    warnings: run.warnings,
  };
}

function distributionJson({ min, max, mean, median, percentiles, variationPercent }: Distribution) {
  const named = [...percentiles].map(([percent, value]) => [`p${percent}`, value]);
  return { min, max, mean, median, ...Object.fromEntries(named), variation_percent: variationPercent };
}

function ratioJson({ median, ci95, significant }: Ratio) {
  return { median, ci95, significant };
}
