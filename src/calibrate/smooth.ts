// SmoothQuant (Xiao et al., 2211.10438): for activations with channels far larger than the others, as before the matrix
// products of transformers, s_j = max|X_j|^α / max|W_j|^(1−α) moves their size into the weights: X_j / s_j, W_j · s_j.
// The division is folded into the layer, or the multiplication by constants, that makes X; else it is one more Mul.
import {
  consumers,
  freshNames,
  freshNodeNames,
  producers,
  renameInput,
  withNodes,
  withValues,
} from "../graph/edit.ts";
import type { Graph, Name, Node } from "../graph/graph.ts";
import { findOp } from "../ops/table.ts";
import { channelExtents, type Layer, layersOf, pairsOf, withLayers } from "../passes/layers.ts";
import type { Batches, Machine } from "../plan/machine.ts";
import { floats, tensor } from "../tensor/tensor.ts";
import { channelStatistics, wholeStatistics } from "./channels.ts";

/** `alpha` 0 equalizes the channels of the weights, 1 those of the activations. */
export async function smooth(
  graph: Graph,
  alpha: number,
  machine: Machine,
  batches: Batches,
): Promise<Graph> {
  const layers = layersOf(graph);
  const readers = consumers(graph);
  const matrices = [...layers.values()].filter(({ shape }) => shape.length === 2);
  const names = [...new Set(matrices.map(({ node }) => node.inputs[0]))];
  const groups = names
    .map((name) => [name, matrices.filter(({ node }) => node.inputs[0] === name)] as const);
  if (groups.length === 0) return graph;
  const requested = groups.map(([name, [{ inputs }]]) => ({ name, channels: inputs }));
  const found = await wholeStatistics(channelStatistics(graph, requested, machine, batches));
  const makers = new Map(pairsOf(graph, layers).map(({ first, second }) => [second, first]));
  let result = graph;
  for (const [name, own] of groups) {
    const measured = found.get(name);
    if (!measured) continue;
    const factors = factorsOf(measured.most, own, alpha);
    for (const layer of own) {
      layer.w.forEach((value, i) => layer.w[i] = value * factors[layer.inputOf(i)]);
    }
    // Other readers, such as a residual sum, need the value unchanged.
    const isShared = graph.outputs.includes(name) || own.length < readers.get(name)!.length;
    const maker = own.length === 1 && !isShared ? makers.get(own[0]) : undefined;
    const inverse = factors.map((factor) => 1 / factor);
    if (maker) {
      maker.w.forEach((value, i) => maker.w[i] = value / factors[maker.outputOf(i)]);
      maker.b?.forEach((value, c) => maker.b![c] = value / factors[c]);
    } else {
      const folded = isShared ? undefined : intoConstants(result, name, inverse);
      result = folded ?? multiplyFor(result, name, inverse, own);
    }
  }
  return withLayers(result, layers.values());
}

function factorsOf(most: Float64Array, layers: readonly Layer[], alpha: number): Float64Array {
  const weights = layers.map((layer) => channelExtents(layer, "inputs"));
  return most.map((size, j) => {
    const weight = Math.max(...weights.map((extents) => extents[j]));
    return size > 0 && weight > 0 ? size ** alpha / weight ** (1 - alpha) : 1;
  });
}

/** The graph with value `name` multiplied along its last axis for these layers. */
function multiplyFor(graph: Graph, name: Name, inverse: Float64Array, layers: readonly Layer[]): Graph {
  const fresh = freshNames(graph);
  const [by, result] = [fresh(`${name}_smoothing`), fresh(`${name}_smoothed`)];
  const constant = tensor("float32", [inverse.length], inverse);
  const node: Node = {
    opType: "Mul",
    domain: "",
    name: freshNodeNames(graph)(`${name}_smooth`),
    inputs: [name, by],
    outputs: [result],
    attributes: new Map(),
  };
  const at = graph.nodes.findIndex(({ outputs }) => outputs.includes(name)) + 1;
  const own = new Set(layers.map((layer) => layer.node.outputs[0]));
  const nodes = graph.nodes.map((one) => own.has(one.outputs[0]) ? renameInput(one, name, result) : one)
    .toSpliced(at, 0, node);
  return withValues(withNodes(graph, nodes), [
    [by, { dtype: "float32", shape: constant.shape, constant }],
    [result, { dtype: "float32", shape: graph.values.get(name)?.shape }],
  ]);
}

/**
 * Folds the factors into the constant gain and shift per channel at the end of a normalization, one node or several.
 */
function intoConstants(graph: Graph, name: Name, inverse: Float64Array): Graph | undefined {
  const makers = producers(graph);
  const readers = consumers(graph);
  const scaled: Name[] = [];
  const isRow = (input: Name) => {
    const found = graph.values.get(input)?.constant;
    return found?.dtype === "float32" && found.shape.length === 1 && found.shape[0] === inverse.length &&
      readers.get(input)!.length === 1;
  };
  for (let at = name;;) {
    const node = makers.get(at);
    const op = node && findOp(node);
    if (!node || readers.get(at)!.length > (at === name ? Infinity : 1)) return undefined;
    if (op?.algebra.affineInputs && node.outputs[0] === at) {
      const own = op.algebra.affineInputs.flatMap((i) => node.inputs[i] || []);
      if (!own.every(isRow)) return undefined;
      scaled.push(...own);
      break;
    }
    if (!op?.algebra.affine) return undefined;
    const side = node.inputs.findIndex(isRow);
    if (side < 0) return undefined;
    scaled.push(node.inputs[side]);
    if (op.algebra.affine === "multiplies") break;
    at = node.inputs[1 - side];
  }
  return withValues(
    graph,
    scaled.map((constantName) => {
      const { shape, constant } = graph.values.get(constantName)!;
      const numbers = floats(constant!).map((value, j) => value * inverse[j]);
      return [constantName, {
        dtype: "float32",
        shape,
        constant: tensor("float32", constant!.shape, numbers),
      }];
    }),
  );
}
