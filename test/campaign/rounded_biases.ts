// From level "basic" on, ONNX Runtime rounds float biases to the unit of the sums if data, weights and result are
// quantized (WeightBiasQuantization). TensorRT keeps such biases in float, so files for it have them.
import { producers, withValues } from "../../src/graph/edit.ts";
import type { Graph, Name, Node, Value } from "../../src/graph/graph.ts";
import { findOp } from "../../src/ops/table.ts";
import { floats, tensor } from "../../src/tensor/tensor.ts";

/** The graph with those biases rounded; undefined if there are none. */
export function roundBiases(graph: Graph): Graph | undefined {
  const makers = producers(graph);
  const scaleOf = (name: Name): Float32Array | undefined => {
    const maker = makers.get(name);
    const scale = maker?.opType === "DequantizeLinear" && graph.values.get(maker.inputs[1])?.constant;
    return scale ? floats(scale) : undefined;
  };
  const rounded = graph.nodes.flatMap((node) => roundBias(graph, node, scaleOf));
  return rounded.length > 0 ? withValues(graph, rounded) : undefined;
}

function roundBias(
  graph: Graph,
  node: Node,
  scaleOf: (name: Name) => Float32Array | undefined,
): [Name, Value][] {
  const role = findOp(node)?.role;
  if (role?.kind !== "computes" || role.bias === undefined) return [];
  const name = node.inputs[role.bias];
  const value = graph.values.get(name);
  const [data, weights] = [scaleOf(node.inputs[0]), scaleOf(node.inputs[role.weight])];
  if (!value?.constant || value.constant.dtype !== "float32" || !data || !weights) return [];
  const readersOf = (name: Name) => graph.nodes.filter(({ inputs }) => inputs[0] === name);
  // A clamp may come between.
  const [first] = readersOf(node.outputs[0]);
  const isCoded = [first, ...first ? readersOf(first.outputs[0]) : []]
    .some((reader) => reader?.opType === "QuantizeLinear");
  if (!isCoded) return [];
  const bias = floats(value.constant).map((one, i) => {
    const unit = data[0] * weights[weights.length > 1 ? i : 0];
    return Math.fround(Math.round(one / unit) * unit);
  });
  return [[name, { ...value, constant: tensor("float32", value.constant.shape, bias) }]];
}
