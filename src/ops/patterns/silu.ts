// SiLU, x · sigmoid(x), and its cheap approximation without exponentials: HardSwish, x · clip(x / 6 + 1/2, 0, 1)
// (1905.02244). Exporters write SiLU as two nodes, ONNX as Swish since opset 24.
import { floatAttribute } from "../../graph/attribute.ts";
import type { Name, Node } from "../../graph/graph.ts";
import { findOp } from "../table.ts";

/** The input of the SiLU that this node computes, if it does; `makerOf` returns the node that produces a value. */
export function siluOf(node: Node, makerOf: (name: Name) => Node | undefined): Name | undefined {
  const kind = findOp(node) && node.opType;
  if (kind === "Swish") {
    const alpha = node.attributes.get("alpha");
    return alpha === undefined || (alpha.type === "float" && alpha.value === 1) ? node.inputs[0] : undefined;
  }
  if (kind !== "Mul") return undefined;
  const [a, b] = node.inputs;
  const sigmoidOf = (name: Name) => {
    const maker = makerOf(name);
    return maker && findOp(maker) && maker.opType === "Sigmoid" ? maker.inputs[0] : undefined;
  };
  return sigmoidOf(b) === a ? a : sigmoidOf(a) === b ? b : undefined;
}

/** HardSwish of `x` in place of the SiLU: one node since opset 14, two before. */
export function hardSwishOf(silu: Node, x: Name, opset: number, fresh: (stem: string) => Name): Node[] {
  const plain = { ...silu, attributes: new Map() };
  if (opset >= 14) return [{ ...plain, opType: "HardSwish", inputs: [x] }];
  const gate = fresh(`${silu.outputs[0]}_gate`);
  const attributes = new Map([["alpha", floatAttribute(1 / 6)], ["beta", floatAttribute(0.5)]]);
  const name = silu.name && `${silu.name}_gate`;
  return [
    { ...plain, name, opType: "HardSigmoid", inputs: [x], outputs: [gate], attributes },
    { ...plain, opType: "Mul", inputs: [x, gate] },
  ];
}
