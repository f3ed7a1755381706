// Pad with a constant (ONNX Pad-11 and newer; Pad-2, with attributes, is upgraded on load).
import { UnsupportedError } from "../error.ts";
import { constant } from "../graph/edit.ts";
import type { Graph, Name } from "../graph/graph.ts";
import { copyNumbers, copyStrided } from "../kernels/copy_strided.ts";
import { call, typed, wordTypeOf } from "../kernels/kernel.ts";
import { normalAxis } from "../tensor/shape.ts";
import { numbers } from "../tensor/tensor.ts";
import { copyAxes } from "./layout.ts";
import { sameCoding } from "./on_codes.ts";
import { type Known, known, op, type Operand, required, text } from "./op.ts";

export const Pad = op({
  since: 11,
  attributes: { mode: text("constant") },
  layout: "any",
  types: "all",
  fixed: [1, 3],
  // Zero is a code of every encoding.
  role: { kind: "carries", keeps: ([, , value]) => !value || numbers(value)[0] === 0 },
  // On codes, what comes in for zero is its code.
  onCodes([x], y, { inputs: [, pads, value, ...axes] }, graph) {
    if (!x || !sameCoding(graph, x, y) || !isZero(graph, value)) return undefined;
    return { opType: "Pad", domain: "", inputs: [x.codes, pads, x.zeroPoint, ...axes] };
  },
  infer(inputs, a) {
    if (a.mode !== "constant") {
      throw new UnsupportedError(`Cannot pad: mode is "${a.mode}", expected "constant"`);
    }
    const { dtype, shape } = required(inputs, 0);
    const { before, after } = padsOf(inputs);
    return [{ dtype, shape: shape.map((size, i) => size + before[i] + after[i]) }];
  },
  lower({ inputs, outputs }) {
    const x = inputs[0] as Operand;
    const { before } = padsOf(inputs);
    const fill = inputs[2] ? numbers(known(inputs, 2, "values to pad with"))[0] : 0;
    const axes = copyAxes(x, outputs[0]).map((axis, i) => ({ ...axis, low: before[i], size: x.shape[i] }));
    return [
      call(
        typed(copyStrided, wordTypeOf(x.dtype)),
        { x: x.buffer, y: outputs[0].buffer },
        copyNumbers(axes, 0, 0, fill),
      ),
    ];
  },
});

function isZero(graph: Graph, value: Name | undefined): boolean {
  const found = value ? constant(graph, value) : undefined;
  return !value || (found !== undefined && numbers(found)[0] === 0);
}

function padsOf(inputs: readonly (Known | undefined)[]) {
  const rank = inputs[0]!.shape.length;
  const pads = numbers(known(inputs, 1, "pads"));
  const axes = inputs[3] ? numbers(known(inputs, 3, "pad axes")) : Array.from({ length: rank }, (_, i) => i);
  const before = new Array<number>(rank).fill(0);
  const after = new Array<number>(rank).fill(0);
  axes.forEach((axis, i) => {
    before[normalAxis(axis, rank)] = pads[i];
    after[normalAxis(axis, rank)] = pads[i + axes.length];
  });
  return { before, after };
}
