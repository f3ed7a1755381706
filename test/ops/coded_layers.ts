// Layers of Q/DQ networks without weights: pools, functions and moves.
import type { Name } from "../../src/graph/graph.ts";
import { elementCount, type Shape } from "../../src/tensor/shape.ts";
import { tensor } from "../../src/tensor/tensor.ts";
import type { CodedDraft, Rounding, Value } from "./coded_draft.ts";
import { int, ints, text, whole } from "./one_node.ts";

/** Random numbers of a layer. */
export type Move = Rounding & { readonly p: number; readonly q: number; readonly hasRelu: boolean };

/** Quantizes the result; after an optional Relu, whose codes begin at zero. */
export function finish(draft: CodedDraft, step: Move, real: Name, shape: Shape, spread: number) {
  // ONNX Runtime drops a Relu before a quantizer only if the lowest code is zero; otherwise it computes in float.
  if (step.hasRelu) draft.quantize(draft.push("Relu", [real]), shape, spread, { ...step, zero: 0 });
  else draft.quantize(real, shape, spread, step);
}

/** Functions that float32 computes with one rounding, so that their codes are exact. */
export function unaryFunction(draft: CodedDraft, step: Move, x: Value) {
  const opType = (["LeakyRelu", "Neg", "Abs", "Relu"] as const)[step.p % 4];
  draft.quantize(draft.push(opType, [draft.read(x)]), x.shape, x.spread, step);
}

export function resize(draft: CodedDraft, { p, q }: Move, x: Value) {
  if (x.shape.length !== 4 || elementCount(x.shape) > 2000) return;
  const scales = [1, 1, 1 + p % 3, 1 + q % 2];
  const inputs = ["", draft.constant(tensor("float32", [4], scales))];
  draft.carry(x, "Resize", inputs, x.shape.map((size, i) => size * scales[i]), {
    coordinate_transformation_mode: text("asymmetric"),
    nearest_mode: text("floor"),
  });
}

/** Into two, along any axis. */
export function addSplit(draft: CodedDraft, { p, q }: Move, x: Value) {
  const axis = p % x.shape.length;
  if (x.shape[axis] < 2) return;
  const first = 1 + q % (x.shape[axis] - 1);
  draft.carryMany(
    x,
    "Split",
    [draft.constant(whole([first, x.shape[axis] - first]))],
    [first, x.shape[axis] - first].map((size) => x.shape.map((old, i) => i === axis ? size : old)),
    { axis: int(axis) },
  );
}

export function pad(draft: CodedDraft, { p, q }: Move, x: Value) {
  if (elementCount(x.shape) > 2000) return;
  const pads = x.shape.flatMap((_, i) => [(p >> i) & 1, (q >> i) & 1]);
  const [before, after] = [pads.filter((_, i) => i % 2 === 0), pads.filter((_, i) => i % 2)];
  const shape = x.shape.map((size, i) => size + before[i] + after[i]);
  draft.carry(x, "Pad", [draft.constant(whole([...before, ...after]))], shape);
}

export function maxPool(draft: CodedDraft, { p, q }: Move, x: Value) {
  const [kernel, stride] = [2 + p % 2, 1 + q % 2];
  const pads = kernel === 3 ? [q % 2, p % 2, 1, 0] : [0, 0, 0, 0];
  const [n, c, ...size] = x.shape;
  const over = size.map((length, i) => Math.floor((length + pads[i] + pads[i + 2] - kernel) / stride) + 1);
  if (x.shape.length !== 4 || over.some((length) => length < 1)) return;
  draft.carry(x, "MaxPool", [], [n, c, ...over], {
    kernel_shape: ints([kernel, kernel]),
    strides: ints([stride, stride]),
    pads: ints(pads),
  });
}

export function average(draft: CodedDraft, step: Move, x: Value, opType: string) {
  if (x.shape.length !== 4) return;
  const [n, c, ...size] = x.shape;
  const mean = draft.push(
    opType,
    [draft.read(x)],
    opType === "AveragePool" ? { kernel_shape: ints(size) } : undefined,
  );
  draft.quantize(mean, [n, c, 1, 1], x.spread / Math.sqrt(size[0] * size[1]), step);
}

export function flatten(draft: CodedDraft, x: Value): Value {
  return draft.carry(x, "Flatten", [], [x.shape[0], elementCount(x.shape.slice(1))]);
}

/** An image's channels as rows. */
export function asRows(draft: CodedDraft, x: Value): Value {
  const shape = [x.shape[0], x.shape[1], x.shape[2] * x.shape[3]];
  return draft.carry(x, "Reshape", [draft.constant(whole(shape))], shape);
}

export function slice(draft: CodedDraft, { p, q }: Move, x: Value) {
  const axis = p % x.shape.length;
  const [start, step] = [q % x.shape[axis], 1 + p % 2];
  const inputs = [[start], [x.shape[axis]], [axis], [step]].map((list) => draft.constant(whole(list)));
  const count = Math.ceil((x.shape[axis] - start) / step);
  draft.carry(x, "Slice", inputs, x.shape.map((size, i) => i === axis ? count : size));
}
