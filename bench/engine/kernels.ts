// Single operators against ONNX Runtime's WebGPU provider. Each run transfers feeds and results, on both sides.
import { join } from "node:path";
import { save } from "../../src/mod.ts";
import type { Machine } from "../../src/plan/machine.ts";
import { convolution, matMul, type SingleNode } from "../networks/single_nodes.ts";
import type { Report, Row } from "../report.ts";
import { mostDifference, openContest } from "./contest.ts";
import { feedsOf } from "./networks.ts";
import type { Pace } from "./race.ts";

const leastRatio = 1.5;

/** `bounded`: operators with a bound on the ratio. */
const nodes: readonly (SingleNode & { readonly bounded: boolean })[] = [
  { ...matMul(512), bounded: true },
  { ...matMul(1024), bounded: true },
  { ...convolution(64, 56, { channels: 64, kernel: 3 }), bounded: true },
  { ...convolution(256, 56, { channels: 64, kernel: 1 }), bounded: false },
  { ...convolution(96, 56, { channels: 96, kernel: 3, groups: 96 }), bounded: false },
];

/** `peakTflops`: the adapter's float32 peak, to show the share of it; no API reports it. */
export async function raceKernels(
  pace: Pace,
  peakTflops: number | undefined,
  folder: string,
  machine: Machine,
  report: Report,
): Promise<Row[]> {
  const rows: Row[] = [];
  for (const [i, { name, graph, flops, bounded }] of nodes.entries()) {
    const { path } = await save(graph, join(folder, `kernel_${i}.onnx`));
    const contest = await openContest(path, machine);
    const { ratio, difference, seconds, row } = await contest.run(feedsOf(graph, 1), pace)
      .finally(() => contest.close());
    const kept = difference <= mostDifference && (!bounded || ratio >= leastRatio);
    const share = machine.software || !peakTflops ? undefined : flops / seconds.halftone / peakTflops / 1e10;
    rows.push({
      kernel: name,
      halftone_gflop_per_s: flops / seconds.halftone / 1e9,
      ort_webgpu_gflop_per_s: flops / seconds.webgpu / 1e9,
      ...(share === undefined ? {} : { share_of_peak_percent: share }),
      ...row,
      bound: bounded ? `ratio ≥ ${leastRatio}` : "none",
      verdict: kept ? "kept" : "missed",
    });
    report.note(JSON.stringify(rows.at(-1)));
  }
  return rows;
}
