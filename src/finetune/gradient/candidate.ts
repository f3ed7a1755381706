// Candidates for a unit, and their output error: with the codes that would be shipped, on all samples.
import type { Graph, Name } from "../../graph/graph.ts";
import type { Feeds, Machine } from "../../plan/machine.ts";
import type { Encoding } from "../../quantize/encoding.ts";
import type { WeightPoint } from "../../quantize/points.ts";
import { roundTensor } from "../../quantize/weights.ts";
import { sweep } from "../../run/sweep.ts";
import { rangeAt } from "../../tensor/stack.ts";
import { floats, tensor, tensorOver } from "../../tensor/tensor.ts";
import type { Layer } from "../layer.ts";
import type { LayerWeights, TrainedEncoding, Tunable } from "../tunable.ts";
import type { Unit } from "../unit.ts";
import { newGraphBuilder } from "./graph_builder.ts";
import type { Samples } from "./samples.ts";
import { addRounding, addUnit, ownEncodings } from "./unit_graph.ts";

export type Candidate = {
  /** By the first output of a layer's node. */
  readonly layers: ReadonlyMap<Name, LayerWeights>;
  readonly activations: readonly TrainedEncoding[];
};

/** A layer of a unit: its point in the network and its current numbers. */
export type UnitLayer = { readonly point: WeightPoint; readonly layer: Layer };

/** A unit to train, with its layers and its samples. */
export type UnitTask = {
  readonly tunable: Tunable;
  readonly unit: Unit;
  readonly parts: readonly UnitLayer[];
  readonly samples: Samples;
};

/** The sample tensor that holds the unit's target output. */
export const targetName = "target output";

const weightOf = (node: Name) => `${node}@weight`;
const biasOf = (node: Name) => `${node}@bias`;
const scaleOf = (name: Name) => `${name}@scale`;

/** Computes Σ (y − ŷ)² of candidates over all samples, `batch` at a time. */
export function judge(
  task: UnitTask,
  batch: number,
  machine: Machine,
): (candidate: Candidate) => Promise<number> {
  const { tunable, unit, parts, samples } = task;
  const own = ownEncodings(tunable, unit);
  const graph = errorGraph(task, own);
  const starts = Array.from({ length: Math.ceil(samples.count / batch) }, (_, i) => i * batch);
  return async (candidate) => {
    const numbers = feedsOf(candidate, parts, own);
    async function* batches() {
      for (const from of starts) {
        const count = Math.min(batch, samples.count - from);
        const cut = [...samples.values].filter(([name]) => graph.inputs.includes(name))
          .map(([name, all]) => [name, rangeAt(all, 0, from, count)] as const);
        yield { feeds: new Map([...numbers, ...cut]) as Feeds, count };
      }
    }
    let error = 0;
    for await (const { outputs: [found] } of sweep(machine, [graph], batches())) {
      error += floats(found.get("error")!)[0];
    }
    return error;
  };
}

function errorGraph(
  { tunable, unit, parts, samples }: UnitTask,
  own: ReadonlyMap<Encoding, readonly Name[]>,
): Graph {
  const builder = newGraphBuilder(tunable.graph.opset);
  for (const name of [...unit.inputs, targetName]) {
    const { dtype, shape: [, ...rest] } = samples.values.get(name)!;
    builder.input(name, { dtype, shape: ["N", ...rest] });
  }
  const layerAt = (point: WeightPoint) => parts.find((part) => part.point.node === point.node)!.layer;
  addUnit(builder, tunable, unit, {
    weight: (point) => builder.input(weightOf(point.node), { dtype: "float32", shape: layerAt(point).shape }),
    bias(point) {
      const { canChangeBias, shape, axis } = layerAt(point);
      return canChangeBias
        ? builder.input(biasOf(point.node), { dtype: "float32", shape: [shape[axis]] })
        : "";
    },
    round(name, encoding) {
      const holders = own.get(encoding);
      const shape = encoding.axis === undefined ? [] : [encoding.scale.length];
      const scale = holders
        ? builder.input(scaleOf(holders[0]), { dtype: "float32", shape })
        : builder.constant(tensor("float32", shape, encoding.scale));
      return addRounding(builder, name, encoding, scale);
    },
  });
  const difference = builder.add("Sub", [unit.output, targetName]);
  builder.add("ReduceSumSquare", [difference], { keepdims: { type: "int", value: 0n } }, ["error"]);
  return builder.graph(["error"]);
}

function feedsOf(
  { layers, activations }: Candidate,
  parts: readonly UnitLayer[],
  own: ReadonlyMap<Encoding, readonly Name[]>,
): Feeds {
  const feeds = new Map();
  for (const { point: { node }, layer: { shape, axis, canChangeBias } } of parts) {
    const { weights, encoding, bias = new Float32Array(shape[axis]), biasEncoding } = layers.get(node)!;
    feeds.set(weightOf(node), tensorOver("float32", shape, roundTensor(weights, shape, encoding)));
    if (!canChangeBias) continue;
    const rounded = biasEncoding ? roundTensor(bias, [bias.length], biasEncoding) : bias;
    feeds.set(biasOf(node), tensorOver("float32", [bias.length], rounded));
  }
  for (const [encoding, [name]] of own) {
    const { scale } = activations.find(({ names }) => names[0] === name)?.encoding ?? encoding;
    feeds.set(scaleOf(name), tensor("float32", encoding.axis === undefined ? [] : [scale.length], scale));
  }
  return feeds;
}
