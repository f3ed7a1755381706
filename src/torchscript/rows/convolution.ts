// Convolutions over one to three axes. torch pads both ends of an axis alike; other pads become an operator before or,
// for transposed convolutions, a crop after.
import type { Node } from "../../graph/graph.ts";
import { int, ints, readAttributes } from "../../ops/declare/op.ts";
import { windowAttributes } from "../../ops/lowering/window.ts";
import { listText, torchCall } from "../code.ts";
import type { Conversion } from "../conversion.ts";
import { padsText, windowOf } from "./window.ts";
import { refuse, type Row, type Rows } from "./row.ts";

function kernelOf({ inputs: [, weight] }: Node, from: Conversion): number[] {
  return from.shape(weight).slice(2).map((dim) =>
    typeof dim === "number" ? dim : refuse(`the kernel's shape is not known`)
  );
}

const conv: Row = (node, from) => {
  const { group } = readAttributes(node, { group: int(1) });
  const kernel = kernelOf(node, from);
  const { strides, dilations, before, after, isEven } = windowOf(node, kernel, from);
  const [x, weight, bias] = node.inputs;
  const input = isEven
    ? from.tensor(x)
    : torchCall("constant_pad_nd", from.tensor(x), padsText(before, after), "0.0");
  const operands = [from.tensor(weight), bias ? from.tensor(bias) : "None"];
  const padding = listText(isEven ? before : before.map(() => 0));
  return torchCall(
    `conv${kernel.length}d`,
    input,
    ...operands,
    listText(strides),
    padding,
    listText(dilations),
    group,
  );
};

const attributes = { ...windowAttributes, group: int(1), output_padding: ints([]), output_shape: ints([]) };

const convTranspose: Row = (node, from) => {
  const a = readAttributes(node, attributes);
  if (a.output_shape.length > 0) refuse("output_shape is given, expected pads");
  const kernel = kernelOf(node, from);
  const ones = kernel.map(() => 1);
  const [strides, dilations] = [a.strides, a.dilations].map((list) => list.length ? list : ones);
  const added = a.output_padding.length ? a.output_padding : kernel.map(() => 0);
  const [before, after] = transposedPads(
    a,
    kernel.map((size, i) => ({
      reach: (size - 1) * dilations[i] + 1 + added[i],
      stride: strides[i],
    })),
  );
  const isEven = before.every((pad, i) => pad === after[i]);
  const [x, weight, bias] = node.inputs.map((name) => name && from.tensor(name));
  const made = torchCall(
    `conv_transpose${kernel.length}d`,
    x,
    weight,
    bias || "None",
    listText(strides),
    listText(isEven ? before : before.map(() => 0)),
    listText(added),
    a.group,
    listText(dilations),
  );
  if (isEven) return made;
  return torchCall("constant_pad_nd", made, padsText(before.map((n) => -n), after.map((n) => -n)), "0.0");
};

type Step = { readonly reach: number; readonly stride: number };

/** With auto_pad SAME the result has stride times the input's size. */
function transposedPads(
  { auto_pad, pads }: { readonly auto_pad: string; readonly pads: readonly number[] },
  steps: readonly Step[],
): [number[], number[]] {
  if (auto_pad === "NOTSET" && pads.length > 0) {
    return [pads.slice(0, steps.length), pads.slice(steps.length)];
  }
  if (!auto_pad.startsWith("SAME")) return [steps.map(() => 0), steps.map(() => 0)];
  const all = steps.map(({ reach, stride }) => reach - stride);
  if (all.some((pad) => pad < 0)) refuse(`auto_pad is ${auto_pad} and the stride exceeds the kernel`);
  const [less, more] = [all.map((pad) => Math.floor(pad / 2)), all.map((pad) => Math.ceil(pad / 2))];
  return auto_pad === "SAME_UPPER" ? [less, more] : [more, less];
}

export const convolutionRows: Rows = { Conv: conv, ConvTranspose: convTranspose };
