// The networks of the comparison: shared and generated models, one file for all contestants, at the given batch sizes.
import { join } from "node:path";
import { normals } from "../../src/tensor/seeded.ts";
import { withValues } from "../../src/graph/edit.ts";
import type { Dim, Graph } from "../../src/graph/graph.ts";
import { load, save } from "../../src/mod.ts";
import type { Feeds, Machine } from "../../src/plan/machine.ts";
import { elementCount } from "../../src/tensor/shape.ts";
import { tensorOver } from "../../src/tensor/tensor.ts";
import { mobilenetV2 } from "../networks/mobilenet_v2.ts";
import { resnet50 } from "../networks/resnet.ts";
import type { Report, Row } from "../report.ts";
import { type Contested, mostDifference, openContest } from "./contest.ts";
import type { Pace } from "./race.ts";

type Network = { readonly name: string; readonly file: (shared: string, folder: string) => Promise<string> };

const publishedNetwork = (name: string): Network => ({
  name,
  file: (shared) => Promise.resolve(join(shared, "models", `${name}.onnx`)),
});
const networkOf = (name: string, graph: (shared: string) => Promise<Graph>): Network => ({
  name,
  file: async (shared, folder) => (await save(await graph(shared), join(folder, `${name}.onnx`))).path,
});

export const networks: readonly Network[] = [
  publishedNetwork("resnet20-cifar10"),
  publishedNetwork("squeezenet1.1-imagenet"),
  publishedNetwork("mlperf-tiny-vww"),
  networkOf(
    "ultraface-rfb-320",
    async (shared) => anyBatch(await load(join(shared, "models", "ultraface-rfb-320.onnx"))),
  ),
  networkOf("resnet50", () => Promise.resolve(resnet50())),
  networkOf("mobilenet_v2", () => Promise.resolve(mobilenetV2())),
];

/**
 * The graph with the batch dimension of inputs and outputs open. This suffices if the nodes compute the shapes they
 * need, as UltraFace's do (Shape, Gather).
 */
export function anyBatch(graph: Graph): Graph {
  return withValues(
    graph,
    [...graph.inputs, ...graph.outputs].flatMap((name) => {
      const value = graph.values.get(name);
      return value?.shape ? [[name, { ...value, shape: ["N", ...value.shape.slice(1)] }] as const] : [];
    }),
  );
}

export type NetworkFlags = {
  readonly shared: string;
  readonly only?: readonly string[];
  readonly batch: readonly number[];
};

export type NetworkResult = Contested & { readonly model: string; readonly batch: number };

export async function raceNetworks(
  { shared, only, batch: batches }: NetworkFlags,
  pace: Pace,
  folder: string,
  machine: Machine,
  report: Report,
): Promise<NetworkResult[]> {
  const results: NetworkResult[] = [];
  for (const { name: model, file } of networks.filter(({ name }) => !only || only.includes(name))) {
    const path = await file(shared, folder);
    const graph = await load(path);
    const contest = await openContest(path, machine);
    try {
      for (const batch of batches) {
        report.note(`${model}, batch ${batch}`);
        const contested = await contest.run(feedsOf(graph, batch), pace);
        results.push({ ...contested, model, batch });
        report.note(JSON.stringify(rowOf(results.at(-1)!)));
      }
    } finally {
      await contest.close();
    }
  }
  return results;
}

/** Normally distributed feeds; symbolic dimensions are the batch. */
export function feedsOf(graph: Graph, batch: number): Feeds {
  return new Map(graph.inputs.map((name, i) => {
    const shape = graph.values.get(name)!.shape!.map((dim: Dim) => typeof dim === "string" ? batch : dim);
    return [name, tensorOver("float32", shape, normals(elementCount(shape), i))];
  }));
}

export function rowOf({ model, batch, row, ratio, difference }: NetworkResult): Row {
  const kept = ratio >= 1 && difference <= mostDifference;
  return { model, batch, ...row, bound: "ratio ≥ 1", verdict: kept ? "kept" : "missed" };
}
