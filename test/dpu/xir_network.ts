// Graphs in XIR's terms from one line per operator: "TYPE READS > NAME" with attributes and shape.
import type { XirGraph, XirOp, XirValue } from "../../src/xir/graph.ts";

type Attributes = Readonly<Record<string, XirValue>>;

/** `conv2d x weights:w > y`: an argument without a name is `input`. */
export function xirOp(
  line: string,
  shape: readonly number[],
  attributes: Attributes = {},
  more: Partial<XirOp> = {},
): XirOp {
  const [left, name] = line.split(" > ");
  const [type, ...reads] = left.split(" ");
  const inputs: Record<string, string[]> = {};
  for (const read of reads) {
    const [argument, value] = read.includes(":") ? read.split(":") : ["input", read];
    (inputs[argument] ??= []).push(value);
  }
  return { name, type, attributes, inputs, shape, ...more };
}

/** The last operator is the output. */
export function xirNetwork(...ops: readonly XirOp[]): XirGraph {
  return { name: "network", ops, outputs: [ops.at(-1)!.name] };
}
