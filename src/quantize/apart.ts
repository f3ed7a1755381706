// Keeps ONNX Runtime from computing something else than the file says. It rounds outputs that are moved on their way to
// codes (`needsBarrier`). And it replaces products of floats and codes (DequantizeLinear → MatMul or Gemm) by
// MatMulNBits, which rounds the floats to 8 bits, if the axis of the scales is 1 or there is one scale
// (DQMatMulToMatMulNBits): an axis that counts from the end is the same axis (ONNX DequantizeLinear-13) but does not
// match that pattern.
import { producers } from "../graph/edit.ts";
import type { Graph, Name, Node } from "../graph/graph.ts";
import { findOp } from "../ops/table.ts";
import type { Shape } from "../tensor/shape.ts";
import type { Encoding, Encodings } from "./encoding.ts";

/** The first opset whose DequantizeLinear has an axis. */
const axisOpset = 13;

/** From here on, ONNX Runtime states the type of codes in the QuantizeLinear nodes that it writes (output_dtype). */
const statedCodes = 21;

/** Int8 codes that ONNX Runtime 1.30 to 1.32 converts to uint8 after stating int8, so that it refuses its own node. */
function isRestated(graph: Graph, encodings: Encodings, name: Name): boolean {
  const encoding = encodings.get(name);
  const isInt8 = encoding !== undefined && !encoding.datatype && encoding.bits <= 8 && encoding.signed;
  return graph.opset >= statedCodes && isInt8;
}

/** Whether a node moves dequantized int8 codes: ONNX Runtime would quantize behind it, too (QDQPropagation). */
export function isMovedAsCodes(graph: Graph, encodings: Encodings, node: Node): boolean {
  if (!isRestated(graph, encodings, node.inputs[0])) return false;
  // Codes of fewer bits have a Clip in front.
  const isFloat = (name: Name) => (encodings.get(name)?.bits ?? 0) < 8;
  return findOp(node)?.role.kind === "carries" && node.outputs.every(isFloat);
}

/**
 * Products that need a barrier before their float readers. ONNX Runtime fuses a product of int8 codes with a constant
 * that is added, and quantizes behind the Reshape that it inserts for that (MatMulAddFusion). And it fuses a model's
 * own QuantizeLinear into the product on codes, which refuses one scale per channel.
 */
export function staysFloat(graph: Graph, encodings: Encodings): (node: Node) => boolean {
  const isConstant = (name: Name) => graph.values.get(name)?.constant !== undefined;
  const isRow = (name: Name) => (graph.values.get(name)?.constant?.shape.length ?? 0) > 0;
  const summed = new Set<Name>();
  const coded = new Set<Name>();
  for (const node of graph.nodes) {
    const [first, second] = node.inputs;
    if (findOp(node)?.quantization.codes === "makes" && isRow(second)) coded.add(first);
    if (node.inputs.some(isConstant)) node.inputs.forEach((name) => isConstant(name) || summed.add(name));
  }
  return (node) => {
    const role = findOp(node)?.role;
    if (role?.kind !== "computes" || !encodings.has(node.inputs[0])) return false;
    if (coded.has(node.outputs[0])) return true;
    if (role.bias !== undefined || !summed.has(node.outputs[0])) return false;
    const rank = graph.values.get(node.inputs[0])?.shape?.length ?? 3;
    return rank > 2 && isRestated(graph, encodings, node.inputs[0]);
  };
}

/** The constant matrix of a node and its bias, if its data are not 8-bit codes. */
export function matrixWithoutCodes(graph: Graph, encodings: Encodings, node: Node): Name[] {
  const role = findOp(node)?.role;
  if (role?.kind !== "computes" || graph.opset < axisOpset) return [];
  const name = node.inputs[role.weight];
  const rank = graph.values.get(name)?.constant?.shape.length;
  const data = encodings.get(node.inputs[0]);
  const hasBytes = data !== undefined && data.datatype === undefined && data.bits <= 8;
  if (rank !== 2 || role.axis(node, rank) !== 1 || hasBytes) return [];
  const bias = node.inputs[role.bias ?? -1];
  return bias ? [name, bias] : [name];
}

/**
 * Whether a layer with an optional bias has float weights: between codes, ONNX Runtime would quantize weights and bias
 * itself (WeightBiasQuantization), even if the layer is to stay float.
 */
export function isLeftInFloat(graph: Graph, encodings: Encodings, node: Node): boolean {
  const role = findOp(node)?.role;
  if (role?.kind !== "computes" || role.bias === undefined) return false;
  const name = node.inputs[role.weight];
  return graph.values.get(name)?.constant !== undefined && !encodings.has(name);
}

/** The same codes with one scale per column, along an axis that counts from the end. */
export function alongLastAxis(encoding: Encoding, shape: Shape): Encoding {
  const columns = Array.from({ length: shape[shape.length - 1] }, (_, column) => column);
  const at = (values: ArrayLike<number>) => columns.map((column) => values[values.length > 1 ? column : 0]);
  return {
    ...encoding,
    scale: Float32Array.from(at(encoding.scale)),
    zeroPoint: Int32Array.from(at(encoding.zeroPoint)),
    axis: -1,
  };
}

/**
 * Nodes that need a barrier before their result is quantized: those whose integer form computes something else, and
 * those that move an output of the model in float. ONNX Runtime quantizes in front of moving nodes
 * (PropagateQuantBackward), and then the output is rounded, too.
 */
export function needsBarrier(graph: Graph, encodings: Encodings): (node: Node) => boolean {
  const makers = producers(graph);
  const movesOutput = (node: Node): boolean => {
    const [input] = node.inputs;
    if (findOp(node)?.role.kind !== "carries" || encodings.has(input)) return false;
    const maker = makers.get(input);
    return graph.outputs.includes(input) || (maker !== undefined && movesOutput(maker));
  };
  return (node) => findOp(node)?.runtime.differs?.(node) !== undefined || movesOutput(node);
}
