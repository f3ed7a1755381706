// Windows of convolutions and pools as torch states them.
import type { Node } from "../../graph/graph.ts";
import { readAttributes } from "../../ops/declare/op.ts";
import { windowAttributes, windowOver } from "../../ops/lowering/window.ts";
import { listText } from "../code.ts";
import type { Conversion } from "../conversion.ts";
import { refuse } from "./row.ts";

export type TorchWindow = {
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  readonly before: readonly number[];
  readonly after: readonly number[];
  /** Whether each axis has the same padding at both ends. */
  readonly isEven: boolean;
};

/** Pads of auto_pad follow from the input's size, which must then be the same for every run. */
export function windowOf(node: Node, kernel: readonly number[], from: Conversion): TorchWindow {
  const a = readAttributes(node, windowAttributes);
  const ones = kernel.map(() => 1);
  const [strides, dilations] = [a.strides, a.dilations].map((list) => list.length ? list : ones);
  const [before, after] = a.auto_pad.startsWith("SAME")
    ? automatic(node, kernel, from)
    : a.auto_pad === "NOTSET" && a.pads.length > 0
    ? [a.pads.slice(0, kernel.length), a.pads.slice(kernel.length)]
    : [ones.map(() => 0), ones.map(() => 0)];
  return { strides, dilations, before, after, isEven: before.every((pad, i) => pad === after[i]) };
}

function automatic(node: Node, kernel: readonly number[], from: Conversion) {
  const a = readAttributes(node, windowAttributes);
  const size = from.shape(node.inputs[0]).slice(2).map((dim) =>
    typeof dim === "number" ? dim : refuse(`auto_pad is ${a.auto_pad} and the input's size is open`)
  );
  const { before, after } = windowOver(size, kernel, a);
  return [before, after];
}

/** Pads as torch lists them: the last axis first, both ends of each. */
export function padsText(before: readonly number[], after: readonly number[]): string {
  return listText(before.flatMap((pad, i) => [after[i], pad]).reverse());
}
