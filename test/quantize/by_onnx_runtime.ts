// Small networks quantized on the reference machine, and files of them run by ONNX Runtime at every level.
import { InferenceSession, Tensor as OrtTensor } from "onnxruntime-node";
import type { Graph, Name } from "../../src/graph/graph.ts";
import { calibrate, quantize, type QuantizeOptions } from "../../src/mod.ts";
import { encodeModel } from "../../src/onnx/mod.ts";
import { referenceMachine } from "../../src/plan/interpret.ts";
import type { CodeStorage } from "../../src/quantize/insert_qdq.ts";
import type { Shape } from "../../src/tensor/shape.ts";
import { elements, type Tensor } from "../../src/tensor/tensor.ts";
import { fill } from "../passes/network.ts";

/** The feeds of outputsOf in test/passes/network.ts. */
export function feedsOf(graph: Graph): Map<Name, Tensor> {
  return new Map(
    graph.inputs.map((name, i) => [name, fill(graph.values.get(name)!.shape as Shape, 17 + i)]),
  );
}

export async function quantizeBy(
  graph: Graph,
  options: Partial<QuantizeOptions> = {},
  storage?: CodeStorage,
): Promise<Graph> {
  const feeds = feedsOf(graph);
  const count = feeds.get(graph.inputs[0])!.shape[0];
  const batches = async function* () {
    yield { feeds, count };
  };
  const found = await calibrate(graph, { count, batches }, referenceMachine(), options);
  return quantize(found.graph, found.encodings, storage);
}

export const levels = ["disabled", "basic", "extended", "all"] as const;
export type Level = typeof levels[number];

/** The outputs at each level of graph optimization; an error names the level at which the file does not load or run. */
export async function atEveryLevel(
  graph: Graph,
  feeds: ReadonlyMap<Name, Tensor> = feedsOf(graph),
): Promise<[Level, Map<Name, Float32Array>][]> {
  const bytes = encodeModel(graph);
  const all: [Level, Map<Name, Float32Array>][] = [];
  for (const level of levels) {
    try {
      all.push([level, await outputsAt(bytes, level, feeds)]);
    } catch (error) {
      throw new Error(`At level "${level}": ${(error as Error).message}`);
    }
  }
  return all;
}

async function outputsAt(bytes: Uint8Array, level: Level, feeds: ReadonlyMap<Name, Tensor>) {
  const session = await InferenceSession.create(bytes, {
    graphOptimizationLevel: level,
    logSeverityLevel: 4,
    interOpNumThreads: 1,
    intraOpNumThreads: 1,
  });
  const given = [...feeds].filter(([name]) => session.inputNames.includes(name)).map(([name, feed]) =>
    [name, new OrtTensor(feed.dtype as "float32", elements(feed) as Float32Array, [...feed.shape])] as const
  );
  try {
    const outputs = await session.run(Object.fromEntries(given));
    return new Map(session.outputNames.map((name) => {
      const data = outputs[name].data as ArrayLike<number | bigint>;
      return [name, Float32Array.from(data, Number)];
    }));
  } finally {
    await session.release();
  }
}
