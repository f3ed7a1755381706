// Folds batch normalization into the preceding weights: w' = w · g, b' = (b − mean) · g + bias with g = scale /
// √(variance + ε), per output channel, in double precision (Jacob et al., 1712.05877, section 3.2).
import { ModelError } from "../error.ts";
import {
  constantsIn,
  consumers,
  freshNames,
  producers,
  removeUnused,
  withNodes,
  withValues,
} from "../graph/edit.ts";
import { type Graph, type Name, type Node, nodeLabel, type Value } from "../graph/graph.ts";
import { findOp } from "../ops/table.ts";
import { elementCount, stridesOf } from "../tensor/shape.ts";
import { floats, type Tensor, tensor, tensorOver } from "../tensor/tensor.ts";

type Affine = { gain: Float64Array; shift: Float64Array };

export function foldBatchnorm(graph: Graph): Graph {
  const [makers, constantOf] = [producers(graph), constantsIn(graph)];
  const readers = consumers(graph);
  const fresh = freshNames(graph);
  const outputs = new Set(graph.outputs);
  const replaced = new Map<Node, Node>();
  const dropped = new Set<Node>();
  const added: [Name, Value][] = [];
  for (const node of graph.nodes) {
    const affine = affineOf(constantOf, node);
    const layer = makers.get(node.inputs[0]);
    if (!affine || !layer || replaced.has(layer) || outputs.has(layer.outputs[0])) continue;
    const role = findOp(layer)?.role;
    if (role?.kind !== "computes" || role.bias === undefined || readers.get(layer.outputs[0])!.length > 1) {
      continue;
    }
    const weight = constantOf(layer.inputs[role.weight]);
    const bias = layer.inputs[role.bias] ? constantOf(layer.inputs[role.bias]) : undefined;
    if (!weight || (layer.inputs[role.bias] && !bias)) continue;
    const axis = role.axis(layer, weight.shape.length);
    const factor = role.biasFactor?.(layer) ?? 1;
    if (axis === undefined || weight.shape[axis] !== affine.gain.length || factor === 0) continue;
    if (bias && !isVector(bias, affine.gain.length)) continue;
    const inputs = [...layer.inputs];
    inputs[role.weight] = fresh(`${layer.inputs[role.weight]}_folded`);
    inputs[role.bias] = fresh(`${inputs[role.weight]}_bias`);
    const folded = scaleWeight(weight, axis, affine.gain);
    const moved = shiftBias(bias, affine, factor);
    added.push([inputs[role.weight], { dtype: "float32", shape: folded.shape, constant: folded }]);
    added.push([inputs[role.bias], { dtype: "float32", shape: moved.shape, constant: moved }]);
    replaced.set(layer, { ...layer, inputs, outputs: node.outputs.slice(0, 1) });
    dropped.add(node);
  }
  const nodes = graph.nodes.filter((node) => !dropped.has(node)).map((node) => replaced.get(node) ?? node);
  // Once more, for a normalization after a normalization.
  return replaced.size === 0
    ? graph
    : foldBatchnorm(removeUnused(withValues(withNodes(graph, nodes), added)));
}

/** y = x · gain + shift, if the node is a normalization with constant statistics. */
export function affineOf(constantOf: ReturnType<typeof constantsIn>, node: Node): Affine | undefined {
  if (!findOp(node)?.algebra.normalizes?.(node)) return undefined;
  const [scale, bias, mean, variance] = node.inputs.slice(1, 5).map((name) => constantOf(name));
  if (!scale || !bias || !mean || !variance) return undefined;
  const epsilonAttribute = node.attributes.get("epsilon");
  const epsilon = epsilonAttribute?.type === "float" ? epsilonAttribute.value : 1e-5;
  const [g, b, m, v] = [scale, bias, mean, variance].map(floats);
  const gain = Float64Array.from(g, (value, c) => value / Math.sqrt(v[c] + epsilon));
  const shift = Float64Array.from(b, (value, c) => value - m[c] * gain[c]);
  if (gain.some((value) => !Number.isFinite(value)) || shift.some((value) => !Number.isFinite(value))) {
    const channel = gain.findIndex((value, c) => !Number.isFinite(value) || !Number.isFinite(shift[c]));
    throw new ModelError(
      `Cannot fold a normalization: channel ${channel} has gain ${gain[channel]}, expected a number`,
      {
        where: [nodeLabel(node)],
      },
    );
  }
  return { gain, shift };
}

function scaleWeight(weight: Tensor, axis: number, gain: Float64Array): Tensor {
  const from = floats(weight);
  const result = new Float32Array(from.length);
  const inner = stridesOf(weight.shape)[axis];
  for (let start = 0, c = 0; start < from.length; start += inner, c = (c + 1) % gain.length) {
    for (let i = start; i < start + inner; i++) result[i] = from[i] * gain[c];
  }
  return tensorOver("float32", weight.shape, result);
}

/**
 * Whether there is one number per channel or one for all; a bias that differs between rows cannot absorb a
 * normalization.
 */
function isVector({ shape }: Tensor, channels: number): boolean {
  const count = elementCount(shape);
  return count === 1 || (count === channels && shape.at(-1) === channels);
}

/** The layer adds `factor` times its bias. */
function shiftBias(bias: Tensor | undefined, { gain, shift }: Affine, factor: number): Tensor {
  const from = bias ? floats(bias) : new Float32Array(gain.length);
  const single = from.length === 1;
  const moved = Array.from(gain, (g, c) => from[single ? 0 : c] * g + shift[c] / factor);
  return tensor("float32", [gain.length], moved);
}
