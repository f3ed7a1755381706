// How an exported model stores its weights. As codes with a DequantizeLinear (what insert_qdq makes); as float numbers on
// the codes' grid with a QuantizeLinear and a DequantizeLinear, which Vitis AI and TensorRT write; as codes of 4 bits, two
// a byte, which opset 21 has.
import { freshNames, removeUnused, withNodes, withValues } from "../../graph/edit.ts";
import type { Graph, Name, Node, Value } from "../../graph/graph.ts";
import { upgradeOpset } from "../../passes/upgrade_opset.ts";
import { numbers, type Tensor, tensor } from "../../tensor/tensor.ts";
import { dequantizeTensor } from "../weights.ts";

/** The nodes that read constant codes narrower than a bias's. */
function readersOfCodes(graph: Graph): { readonly node: Node; readonly parts: readonly Tensor[] }[] {
  return graph.nodes.flatMap((node) => {
    if (node.opType !== "DequantizeLinear" || node.inputs.length < 3) return [];
    const parts = node.inputs.map((name) => graph.values.get(name)?.constant);
    return parts.every((part) => part !== undefined) ? [{ node, parts: parts as Tensor[] }] : [];
  });
}

export function weightsAsFloat(graph: Graph): Graph {
  const fresh = freshNames(graph);
  const added: [Name, Value][] = [];
  const before = new Map<Node, Node>();
  for (const { node, parts: [codes, scale, zero] } of readersOfCodes(graph)) {
    const axis = node.attributes.get("axis");
    const perChannel = scale.shape.length > 0;
    const encoding = {
      scale: Float32Array.from(numbers(scale)),
      zeroPoint: Int32Array.from(numbers(zero)),
      bits: 8,
      signed: true,
      ...(perChannel && axis?.type === "int" ? { axis: Number(axis.value) } : {}),
    };
    const values = dequantizeTensor(numbers(codes), codes.shape, encoding);
    const [float, made] = [fresh(`${node.inputs[0]}_float`), fresh(`${node.inputs[0]}_made`)];
    const constant = tensor("float32", codes.shape, values);
    added.push([float, { dtype: "float32", shape: codes.shape, constant }]);
    added.push([made, { dtype: codes.dtype, shape: codes.shape }]);
    before.set(node, {
      ...node,
      opType: "QuantizeLinear",
      name: `${node.name}_of_float`,
      inputs: [float, ...node.inputs.slice(1)],
      outputs: [made],
      source: undefined,
    });
  }
  const nodes = graph.nodes.flatMap((node) => {
    const maker = before.get(node);
    return maker ? [maker, { ...node, inputs: [maker.outputs[0], ...node.inputs.slice(1)] }] : [node];
  });
  return removeUnused(withValues(withNodes(graph, nodes), added));
}

/** The first opset with 4-bit integers in DequantizeLinear (and IR 10). */
const nibbleOpset = 21;

/** Weights whose codes all lie in −8..7 take half a byte each; the graph itself where there are none. */
export function weightsAsNibbles(graph: Graph): Graph {
  const changed = new Map<Name, Value>();
  const small = (part: Tensor) =>
    part.dtype === "int8" && numbers(part).every((code) => code >= -8 && code < 8);
  for (const { node, parts: [codes, , zero] } of readersOfCodes(graph)) {
    if (!small(codes) || !small(zero)) continue;
    for (const [name, part] of [[node.inputs[0], codes], [node.inputs[2], zero]] as const) {
      const constant = nibbles(part);
      changed.set(name, { dtype: "int4", shape: part.shape, constant });
    }
  }
  return changed.size === 0 ? graph : withValues(upgradeOpset(nibbleOpset)(graph), changed);
}

/** Two codes a byte, the first in the low half (ONNX, TensorProto.int32_data). */
function nibbles(codes: Tensor): Tensor {
  const list = numbers(codes);
  const bytes = new Uint8Array(Math.ceil(list.length / 2));
  list.forEach((code, i) => bytes[i >> 1] |= (code & 15) << (4 * (i & 1)));
  return { dtype: "int4", shape: codes.shape, bytes };
}
