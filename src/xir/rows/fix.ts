// Fix, halftone's rounding to a DPU's grid, is the operator `fix`. Of constants it belongs to each copy that is
// written.
import { internalDomain, type Node } from "../../graph/graph.ts";
import { readAttributes } from "../../ops/declare/op.ts";
import { fixAttributes } from "../../ops/halftone/fix.ts";
import { type Conversion, fixOp, type FixPosition, type Made } from "../conversion.ts";

export const isFix = ({ opType, domain }: Pick<Node, "opType" | "domain">) =>
  domain === internalDomain && opType === "Fix";

function positionOf(node: Node): FixPosition {
  const { fix_point, bit_width } = readAttributes(node, fixAttributes);
  return { fixPoint: fix_point, bitWidth: bit_width };
}

/** Readers of a rounded constant see the constant with its position. */
export function roundConstants(from: Conversion) {
  for (const node of from.graph.nodes.filter(isFix)) {
    const constant = from.constant(node.inputs[0]);
    if (constant) from.alias(node.outputs[0], { ...constant, fix: positionOf(node) });
  }
}

export function fixRow(node: Node, from: Conversion): Made | "same" {
  const place = from.place(node.inputs[0]);
  if (!place) return "same";
  const { op, layout, channels } = place;
  const { type, attributes, inputs } = fixOp(op, from.shapeOf(op), positionOf(node));
  return { type, attributes, inputs, layout, channels, name: `${op}_fix` };
}
