// halftone in float and on codes, and ONNX Runtime's WebGPU provider on the quantized file: interleaved, one adapter.
import { integerForm } from "../../src/passes/integer_form.ts";
import { plansOf } from "../../src/run/stages.ts";
import { plannedOpset, upgradeOpset } from "../../src/passes/upgrade_opset.ts";
import type { Feeds, Machine } from "../../src/plan/machine.ts";
import { prepare } from "../../src/recipe.ts";
import { differenceOf, fasterLayout } from "../engine/contest.ts";
import { type Pace, race } from "../engine/race.ts";
import { openPeer } from "../peers/onnxruntime.ts";
import type { Row } from "../report.ts";
import { spreadText } from "../timing.ts";
import { medianOf } from "../../src/tensor/median.ts";
import type { Pair } from "./files.ts";

export type Contested = {
  /** Seconds of one run, by round. */
  readonly seconds: { readonly fp32: number[]; readonly int8: number[]; readonly webgpu: number[] };
  readonly row: Row;
};

export async function contest(machine: Machine, pair: Pair, feeds: Feeds, pace: Pace): Promise<Contested> {
  const fp32 = plansOf(prepare(pair.float, plannedOpset), machine.limits)(feeds);
  const int8 = plansOf(integerForm(upgradeOpset(plannedOpset)(pair.quantized)), machine.limits)(feeds);
  const webgpu = await fasterLayout(pair.path, feeds);
  const cpu = await openPeer(pair.path);
  try {
    await machine.run(fp32, feeds);
    const [ours, theirs, exact] = [
      await machine.run(int8, feeds),
      await webgpu.run(feeds),
      await cpu.run(feeds),
    ];
    const works = [() => machine.run(fp32, feeds), () => machine.run(int8, feeds), () => webgpu.run(feeds)];
    const [a, b, c] = await race(works, pace);
    const ms = (seconds: readonly number[]) => spreadText(seconds.map((one) => 1000 * one));
    const row = {
      rounds: a.length,
      fp32_ms: ms(a),
      int8_ms: ms(b),
      ort_webgpu_ms: ms(c),
      throughput_gain: total(a) / total(b),
      latency_share: medianOf(b) / medianOf(a),
      over_ort_webgpu: medianOf(c) / medianOf(b),
      difference_from_ort_cpu: differenceOf(exact, ours),
      ort_webgpu_from_ort_cpu: differenceOf(exact, theirs),
      ort_layout: webgpu.layout,
      ort_nodes: webgpu.onGpu ? "all on the GPU" : "some on the CPU",
    };
    return { seconds: { fp32: a, int8: b, webgpu: c }, row };
  } finally {
    for (const plan of [fp32, int8]) machine.release(plan);
    await Promise.all([webgpu.close(), cpu.close()]);
  }
}

function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
