// How an exported model stores its weights: as codes with a DequantizeLinear (insert_qdq); as floats on the codes' grid
// with QuantizeLinear and DequantizeLinear, as Vitis AI and TensorRT do; as 4-bit codes, two per byte (opset 21).
import {
  consumers,
  freshNames,
  freshNodeNames,
  removeUnused,
  withNodes,
  withValues,
} from "../../graph/edit.ts";
import type { Graph, Name, Node, Value } from "../../graph/graph.ts";
import { upgradeOpset } from "../../passes/upgrade_opset.ts";
import { codesOfType } from "../../tensor/dtype.ts";
import { fromNumbers, numbers, type Tensor, tensor } from "../../tensor/tensor.ts";
import { nibbleOpset } from "../target.ts";
import { dequantizeTensor } from "../weights.ts";

/** The DequantizeLinear nodes of constants, except biases (no zero point). */
function readersOfCodes(graph: Graph): { readonly node: Node; readonly parts: readonly Tensor[] }[] {
  return graph.nodes.flatMap((node) => {
    if (node.opType !== "DequantizeLinear" || node.inputs.length < 3) return [];
    const parts = node.inputs.map((name) => graph.values.get(name)?.constant);
    return parts.every((part) => part !== undefined) ? [{ node, parts: parts as Tensor[] }] : [];
  });
}

export function weightsAsFloat(graph: Graph): Graph {
  const [fresh, freshNode] = [freshNames(graph), freshNodeNames(graph)];
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
      name: freshNode(`${node.name}_of_float`),
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

/** The 4-bit type that fits all codes and zero points. */
function nibbleType(codes: Tensor, zero: Tensor): "int4" | "uint4" | undefined {
  const type = ({ int8: "int4", uint8: "uint4" } as const)[codes.dtype as string];
  if (!type || zero.dtype !== codes.dtype) return undefined;
  const [low, high] = codesOfType(type);
  const isSmall = [codes, zero].every((part) => numbers(part).every((code) => code >= low && code <= high));
  return isSmall ? type : undefined;
}

/** Stores weights whose codes are all in −8..7, or 0..15, two per byte; returns the graph itself if there are none. */
export function weightsAsNibbles(graph: Graph): Graph {
  const readers = consumers(graph);
  const types = new Map(
    readersOfCodes(graph).flatMap(({ node, parts: [codes, , zero] }) => {
      const type = nibbleType(codes, zero);
      return type ? [[node, type] as const] : [];
    }),
  );
  const changed = new Map<Name, Value>();
  for (const [{ inputs: [codes, , zero] }, type] of types) {
    // A zero point that a QuantizeLinear also reads decides the type of its codes.
    const isShared = [codes, zero].some((name) =>
      readers.get(name)!.some((node) => types.get(node) !== type)
    );
    if (isShared) continue;
    for (const name of [codes, zero]) {
      const { shape, ...codes } = graph.values.get(name)!.constant!;
      const constant = fromNumbers(type, shape, numbers({ shape, ...codes }));
      changed.set(name, { dtype: type, shape: constant.shape, constant });
    }
  }
  return changed.size === 0 ? graph : withValues(upgradeOpset(nibbleOpset)(graph), changed);
}

/** Stores 4-bit codes one per byte, for forms and runtimes without narrower types. */
export function weightsAsBytes(graph: Graph): Graph {
  const widened = readersOfCodes(graph).flatMap(({ node, parts: [codes, , zero] }) => {
    const type = ({ int4: "int8", uint4: "uint8" } as const)[codes.dtype as string];
    if (!type) return [];
    const asBytes = (name: Name, { shape, ...rest }: Tensor): [Name, Value] => {
      const constant = fromNumbers(type, shape, numbers({ shape, ...rest }));
      return [name, { dtype: type, shape, constant }];
    };
    return [asBytes(node.inputs[0], codes), asBytes(node.inputs[2], zero)];
  });
  return widened.length === 0 ? graph : withValues(graph, widened);
}
