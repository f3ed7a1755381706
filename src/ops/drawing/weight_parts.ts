// Weights that a device cannot bind whole: the product is drawn in parts of its output channels, which are joined.
import { intAttribute } from "../../graph/attribute.ts";
import type { Name, Node } from "../../graph/graph.ts";
import { elementCount } from "../../tensor/shape.ts";
import { rangeAt } from "../../tensor/stack.ts";
import { tensor } from "../../tensor/tensor.ts";
import type { ExpansionBuilder } from "../declare/builder.ts";

type Channels = {
  /** The axis of the weights that runs over them, that of the results, and that of the bias. */
  readonly weight: number;
  readonly result: number;
  readonly bias: number;
};

/** `length` cut into parts of about one size, none larger than `most`; they begin at multiples of eight where they can. */
export function equalRanges(length: number, most: number): { from: number; count: number }[] {
  const largest = most < 8 ? most : most - most % 8;
  const even = Math.ceil(length / Math.ceil(length / largest));
  const step = Math.min(largest, Math.ceil(even / 8) * 8);
  return Array.from({ length: Math.ceil(length / step) }, (_, i) => {
    return { from: i * step, count: Math.min(step, length - i * step) };
  });
}

/** Draws the node with weights (input 1) and bias (input 2) by parts of at most so many elements of the weights. */
export function drawByChannels(
  builder: ExpansionBuilder,
  node: Node,
  channels: Channels,
  mostElements: number,
): boolean {
  const [x, w, bias] = builder.inputs;
  if (!w?.constant || elementCount(w.shape) <= mostElements) return false;
  const count = w.shape[channels.weight];
  const most = Math.floor(mostElements / (elementCount(w.shape) / count));
  if (most === 0) return false;
  const parts = equalRanges(count, most).map((range) => {
    const weights = builder.constant(rangeAt(w.constant!, channels.weight, range.from, range.count));
    const biases = bias ? [biasOf(builder, bias, channels.bias, range)] : [];
    return builder.add(node.opType, [x!.name, weights, ...biases], Object.fromEntries(node.attributes));
  });
  builder.add("Concat", parts, { axis: intAttribute(channels.result) }, builder.outputs);
  return true;
}

/** The bias of some channels; one for all stays as it is. */
function biasOf(
  { add, constant }: ExpansionBuilder,
  bias: ExpansionBuilder["inputs"][number] & object,
  axis: number,
  { from, count }: { readonly from: number; readonly count: number },
): Name {
  const at = bias.shape.length + axis;
  if (at < 0 || bias.shape[at] === 1) return bias.name;
  if (bias.constant) return constant(rangeAt(bias.constant, at, from, count));
  const list = (value: number) => constant(tensor("int64", [1], [value]));
  return add("Slice", [bias.name, list(from), list(from + count), list(at)]);
}
