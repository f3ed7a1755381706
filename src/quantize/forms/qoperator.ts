// A Q/DQ model as QLinear operators (ONNX QLinearConv, QLinearMatMul; com.microsoft's QLinearAdd, QGemm, …): the form
// for runtimes that do not fuse Q/DQ. Clamps that the planner fuses into operators become nodes again, on codes if
// there are codes: rounding is monotonic, so clamping codes clamps their values.
import { UnsupportedError } from "../../error.ts";
import {
  constant as constantIn,
  freshNames,
  freshNodeNames,
  producers,
  withNodes,
  withValues,
} from "../../graph/edit.ts";
import type { Attribute, Graph, Name, Node, Value } from "../../graph/graph.ts";
import { unlimited } from "../../ops/lowering/clamp.ts";
import { hasIntegers, integerFormOfFiles } from "../../passes/integer_form.ts";
import { plannedOpset, upgradeOpset } from "../../passes/upgrade_opset.ts";
import { roundHalfEven } from "../../tensor/round.ts";
import { codesOfType, type DType } from "../../tensor/dtype.ts";
import { numbers, type Tensor, tensor } from "../../tensor/tensor.ts";

/** @throws UnsupportedError if no operator has such a form. */
export function qoperatorForm(quantized: Graph): Graph {
  const graph = upgradeOpset(plannedOpset)(quantized);
  const found = integerFormOfFiles(graph);
  if (!hasIntegers(found)) {
    throw new UnsupportedError(
      "Cannot write QLinear operators: no node has 8-bit codes for data, weights, biases and results alike; " +
        "export as qdq",
    );
  }
  const quantizers = producers(graph);
  const [fresh, freshNode] = [freshNames(found), freshNodeNames(found)];
  const added: [Name, Value][] = [];
  const constant = (stem: string, value: Tensor): Name => {
    const name = fresh(stem);
    added.push([name, { dtype: value.dtype, shape: value.shape, constant: value }]);
    return name;
  };
  const clampOf = (node: Node, type: DType, low: number, high: number): Node[] => {
    const [output] = node.outputs;
    const unclamped = fresh(`${output}_unclamped`);
    const bounds = [["low", low], ["high", high]] as const;
    const inputs = bounds.map(([end, value]) =>
      constant(`${output}_${end}`, tensor(type as "float32", [], [value]))
    );
    return [{ ...node, outputs: [unclamped] }, {
      opType: "Clip",
      domain: "",
      name: freshNode(`${output}_clamp_of_codes`),
      inputs: [unclamped, ...inputs],
      outputs: [output],
      attributes: new Map<string, Attribute>(),
    }];
  };
  const nodes = found.nodes.flatMap((node): Node[] => {
    const [low, high] = ["clamp_low", "clamp_high"].map((key) => numberOf(node.attributes.get(key)));
    if (low === undefined || high === undefined) return [node];
    const attributes = new Map(node.attributes);
    attributes.delete("clamp_low");
    attributes.delete("clamp_high");
    const plain = { ...node, attributes };
    const quantizer = quantizers.get(node.outputs[0]);
    if (quantizer?.opType !== "QuantizeLinear") return clampOf(plain, "float32", low, high);
    const [scale, zero] = quantizer.inputs.slice(1).map((name) => constantIn(found, name));
    const type = zero?.dtype ?? "uint8";
    const [lowest, highest] = codesOfType(type);
    const codeOf = (value: number) => {
      if (Math.abs(value) >= unlimited) return Math.sign(value) * Infinity;
      return roundHalfEven(Math.fround(value / numbers(scale!)[0])) + (zero ? numbers(zero)[0] : 0);
    };
    const [from, to] = [Math.max(codeOf(low), lowest), Math.min(codeOf(high), highest)];
    return from === lowest && to === highest ? [plain] : clampOf(plain, type, from, to);
  });
  return withValues(withNodes(found, nodes), added);
}

function numberOf(attribute: Attribute | undefined): number | undefined {
  return attribute?.type === "float" ? attribute.value : undefined;
}
