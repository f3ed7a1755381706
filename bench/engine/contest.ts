// One model file in halftone and in ONNX Runtime's two providers: the same feeds, the same adapter, one process.
import { plannedOpset } from "../../src/passes/upgrade_opset.ts";
import { plansOf } from "../../src/run/stages.ts";
import type { Feeds, Machine, Outputs } from "../../src/plan/machine.ts";
import { load } from "../../src/mod.ts";
import { prepare } from "../../src/recipe.ts";
import { floats } from "../../src/tensor/tensor.ts";
import { Comparison } from "../comparison.ts";
import { openPeer, type Peer } from "../peers/onnxruntime.ts";
import { layouts, openWebgpuPeer, type WebgpuPeer } from "../peers/onnxruntime_webgpu.ts";
import type { Row } from "../report.ts";
import { spreadText } from "../timing.ts";
import { medianOf } from "../../src/tensor/median.ts";
import { fastest, type Pace, race, speedup } from "./race.ts";

/** More than rounding: sums of a few thousand products in another order differ by less. */
export const mostDifference = 1e-4;

export type Contest = {
  /** Times and compares on these feeds. */
  run(feeds: Feeds, pace: Pace): Promise<Contested>;
  close(): Promise<void>;
};

export type Contested = {
  /** Of halftone over ONNX Runtime's WebGPU provider. */
  readonly ratio: number;
  readonly difference: number;
  /** Median seconds. */
  readonly seconds: { readonly halftone: number; readonly webgpu: number };
  readonly row: Row;
};

export async function openContest(path: string, machine: Machine): Promise<Contest> {
  const planOf = plansOf(prepare(await load(path), plannedOpset), machine.limits);
  const cpu = await openPeer(path);
  let webgpu: WebgpuPeer | undefined;
  return {
    async run(feeds, pace) {
      webgpu ??= await fasterLayout(path, feeds);
      const plan = planOf(feeds);
      try {
        return await runContest((feeds) => machine.run(plan, feeds), webgpu, cpu, feeds, pace);
      } finally {
        machine.release(plan);
      }
    },
    async close() {
      await Promise.all([cpu.close(), webgpu?.close()]);
    },
  };
}

/** Of the two layouts that the provider offers, the one that suits this model on this adapter. */
export async function fasterLayout(path: string, feeds: Feeds): Promise<WebgpuPeer> {
  const peers: WebgpuPeer[] = [];
  for (const layout of layouts) {
    const peer = await openWebgpuPeer(path, layout);
    await peer.run(feeds);
    peers.push(peer);
  }
  const best = await fastest(peers.map((peer) => () => peer.run(feeds)));
  for (const peer of peers) if (peer !== peers[best]) await peer.close();
  return peers[best];
}

async function runContest(
  forward: Peer["run"],
  webgpu: WebgpuPeer,
  cpu: Peer,
  feeds: Feeds,
  pace: Pace,
): Promise<Contested> {
  const [ours, theirs, exact] = [await forward(feeds), await webgpu.run(feeds), await cpu.run(feeds)];
  const difference = differenceOf(theirs, ours);
  const times = await race([forward, webgpu.run, cpu.run].map((run) => () => run(feeds)), pace);
  const { ratio, byRound } = speedup(times[0], times[1]);
  const [halftoneMs, webgpuMs, cpuMs] = times.map((seconds) => seconds.map((one) => 1000 * one));
  const row = {
    rounds: byRound.length,
    halftone_ms: spreadText(halftoneMs),
    ort_webgpu_ms: spreadText(webgpuMs),
    ort_cpu_ms: spreadText(cpuMs),
    ratio,
    ratios_by_round: spreadText(byRound),
    difference,
    difference_from_cpu: differenceOf(exact, ours),
    ort_layout: webgpu.layout,
    ort_nodes: webgpu.onGpu ? "all on the GPU" : "some on the CPU",
  };
  return { ratio, difference, seconds: { halftone: medianOf(times[0]), webgpu: medianOf(times[1]) }, row };
}

/** Norm of the difference over the norm, the worst of all outputs; NaN (no bound holds) where one is not finite. */
export function differenceOf(expected: Outputs, actual: Outputs): number {
  const differences = [...expected].map(([name, output]) => {
    const values = floats(output);
    const comparison = new Comparison(values.length);
    comparison.add(values, floats(actual.get(name)!));
    return comparison.relativeError;
  });
  return Math.max(...differences);
}
