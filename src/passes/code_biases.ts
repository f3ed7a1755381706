// Float biases of products on codes, rounded to int32 in the unit of the sums, scale(x) · scale(w): models for TensorRT
// keep their biases in float, and integer kernels add them to sums. ONNX Runtime does the same when it loads such a
// model (WeightBiasQuantization). A bias changes by half a unit at most.
import { constantsIn, freshNames, producers, withNodes, withValues } from "../graph/edit.ts";
import { intAttribute } from "../graph/attribute.ts";
import type { Graph, Name, Node, Value } from "../graph/graph.ts";
import { findOp } from "../ops/table.ts";
import { roundHalfEven } from "../tensor/round.ts";
import { numbers, type Tensor, tensor } from "../tensor/tensor.ts";

const largestCode = 2 ** 31 - 1;

/** A bias stays in float if its unit is not constant, or too small for 32 bits. */
export function codeBiases(graph: Graph): Graph {
  const [makers, constantIn, fresh] = [producers(graph), constantsIn(graph), freshNames(graph)];
  const added: [Name, Value][] = [];
  const add = (stem: string, found: Tensor): Name => {
    const name = fresh(stem);
    added.push([name, { dtype: found.dtype, shape: found.shape, constant: found }]);
    return name;
  };
  /** The node that reads an input from codes. */
  const dequantizerOf = (name: Name): Node | undefined => {
    const maker = makers.get(name);
    return maker && findOp(maker)?.quantization.codes === "reads" ? maker : undefined;
  };
  const nodes = graph.nodes.flatMap((node) => {
    const role = findOp(node)?.role;
    if (role?.kind !== "computes" || role.bias === undefined) return [node];
    const stem = node.inputs[role.bias] ?? "";
    const [x, w] = [0, role.weight].map((at) => dequantizerOf(node.inputs[at]));
    const coded = x && w && codesOf(constantIn(stem), constantIn(x.inputs[1]), constantIn(w.inputs[1]));
    if (!coded) return [node];
    const inputs = [add(`${stem}_codes`, coded.codes), add(`${stem}_unit`, coded.units)];
    const outputs = [fresh(`${stem}_of_codes`)];
    const attributes = new Map(coded.units.shape.length > 0 ? [["axis", intAttribute(0)]] : []);
    const dequantizer = { ...w, name: outputs[0], inputs, outputs, attributes };
    return [dequantizer, {
      ...node,
      inputs: node.inputs.map((name, i) => i === role.bias ? outputs[0] : name),
    }];
  });
  return withValues(withNodes(graph, nodes), added);
}

/** The bias in units of the sums; undefined if it cannot be. */
function codesOf(bias: Tensor | undefined, scaleX: Tensor | undefined, scaleW: Tensor | undefined) {
  if (!scaleX || !scaleW || bias?.dtype !== "float32" || bias.shape.length !== 1) return undefined;
  const [values, [unit, ...others], scales] = [bias, scaleX, scaleW].map(numbers);
  const isPerChannel = scales.length > 1;
  if (others.length > 0 || (isPerChannel && scales.length !== values.length)) return undefined;
  const units = Float32Array.from(scales, (scale) => scale * unit);
  const codes = values.map((value, i) => roundHalfEven(value / units[i % units.length]));
  if (!codes.every((code) => Math.abs(code) <= largestCode)) return undefined;
  return {
    codes: tensor("int32", [codes.length], codes),
    units: tensor("float32", isPerChannel ? [units.length] : [], units),
  };
}
