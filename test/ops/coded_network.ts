// Random Q/DQ networks of all operators that have an integer form or move codes, in both types, some with scales so
// small that most codes saturate.
import fc from "fast-check";
import type { Attribute } from "../../src/graph/graph.ts";
import { elementCount, type Shape } from "../../src/tensor/shape.ts";
import { tensor } from "../../src/tensor/tensor.ts";
import { signedCodes } from "../kernels/codes.ts";
import {
  addSplit,
  asRows,
  average,
  finish,
  flatten,
  maxPool,
  type Move,
  pad,
  resize,
  slice,
  unaryFunction,
} from "./coded_layers.ts";
import { CodedDraft, type Codes, type Value, type Weights } from "./coded_draft.ts";
import { int, ints, type Model } from "./one_node.ts";

const names = [
  "pointwise",
  "conv",
  "dilated",
  "depthwise",
  "multiplied",
  "grouped",
  "gemm",
  "matMul",
  "add",
  "addConstant",
  "mul",
  "concat",
  "concatRows",
  "maxPool",
  "globalAverage",
  "wholeAverage",
  "flatten",
  "rows",
  "slice",
  "addRow",
  "mulRow",
  "unaryFunction",
  "resize",
  "split",
  "pad",
] as const;
type Layer = (typeof names)[number];

/** A layer that does not fit is skipped. */
type Step = Move & {
  readonly layer: Layer;
  readonly from: number;
  readonly with: number;
  readonly hasBias: boolean;
  readonly perChannel: boolean;
  readonly unsigned: boolean;
};

const upTo = (most: number) => fc.integer({ min: 0, max: most });

/** Networks on images with odd and even numbers of channels, with weights of `bits` bits, stored in a byte each. */
export const codedNetworks = (bits: 4 | 8): fc.Arbitrary<Model> =>
  fc.record({
    dtype: fc.constantFrom<Codes>("uint8", "int8"),
    seed: upTo(999),
    picture: fc.tuple(fc.constantFrom(1, 2), fc.constantFrom(1, 3, 4, 5, 8, 9), upTo(6), upTo(6)),
    steps: fc.array(
      fc.record({
        layer: fc.constantFrom(...names),
        from: upTo(2),
        with: upTo(5),
        p: upTo(11),
        q: upTo(11),
        coarseness: fc.integer({ min: -28, max: 16 }),
        zero: upTo(255),
        hasBias: fc.boolean(),
        perChannel: fc.boolean(),
        unsigned: fc.boolean(),
        hasRelu: fc.boolean(),
      }),
      { minLength: 1, maxLength: 12 },
    ),
  }).map(({ dtype, seed, picture: [n, c, h, w], steps }) => {
    const draft = new CodedDraft(dtype, [n, c, h + 3, w + 3], seed, bits);
    for (const step of steps) {
      const [x, y] = [step.from, step.with].map((back) => draft.made.at(-1 - (back % draft.made.length))!);
      layers[step.layer](draft, step, x, y);
    }
    return draft.model();
  });

type Product = {
  readonly opType: string;
  readonly shape: Shape;
  /** Output channels, and the products per element. */
  readonly channels: number;
  readonly terms: number;
  readonly attributes?: Record<string, Attribute>;
};

/** ONNX Runtime multiplies int8 activations by int8 weights only; unsigned weights have one scale here. */
function weightsOf(draft: CodedDraft, shape: Shape, axis: number, { perChannel, unsigned }: Step): Weights {
  const isUnsigned = unsigned && draft.dtype === "uint8";
  return draft.weights(shape, axis, { perChannel: perChannel && !isUnsigned, unsigned: isUnsigned });
}

function multiply(draft: CodedDraft, step: Step, x: Value, weights: Weights, product: Product) {
  const { opType, shape, channels, terms, attributes } = product;
  // The standard deviation of the weights' codes.
  const codes = { 8: 73, 4: 4.5 }[draft.bits];
  const spread = x.spread * Math.sqrt(terms) * codes * Math.max(...weights.scales);
  const inputs = [draft.read(x), weights.name];
  if (step.hasBias && opType !== "MatMul") inputs.push(draft.bias(x, weights, channels, spread));
  finish(draft, step, draft.push(opType, inputs, attributes), shape, spread);
}

type Filters = { readonly out: number; readonly group?: number; readonly kernel: readonly number[] };

function convolve(draft: CodedDraft, step: Step, x: Value, { out, group = 1, kernel }: Filters) {
  if (x.shape.length !== 4) return;
  const { p, q } = step;
  const strides = [1 + p % 2, 1 + Math.floor(p / 2) % 2];
  const dilations = step.layer === "dilated" ? [2, 1 + q % 3] : [1, 1];
  const pads = kernel[0] === 1 ? [0, 0, 0, 0] : [p % 3, q % 2, q % 3, Math.floor(p / 3) % 2];
  const [n, c, ...size] = x.shape;
  const reach = kernel.map((length, i) => (length - 1) * dilations[i] + 1);
  const over = size.map((length, i) =>
    Math.floor((length + pads[i] + pads[i + 2] - reach[i]) / strides[i]) + 1
  );
  if (over.some((length) => length < 1)) return;
  multiply(draft, step, x, weightsOf(draft, [out, c / group, ...kernel], 0, step), {
    opType: "Conv",
    shape: [n, out, ...over],
    channels: out,
    terms: (c / group) * kernel[0] * kernel[1],
    attributes: { group: int(group), strides: ints(strides), dilations: ints(dilations), pads: ints(pads) },
  });
}

function gemm(draft: CodedDraft, step: Step, made: Value) {
  const x = made.shape.length === 2 ? made : flatten(draft, made);
  const [rows, depth] = x.shape;
  const [columns, transB] = [1 + step.q, step.p % 2];
  const weights = weightsOf(draft, transB ? [columns, depth] : [depth, columns], 1 - transB, step);
  const attributes = { transB: int(transB) };
  const product = { opType: "Gemm", shape: [rows, columns], channels: columns, terms: depth, attributes };
  multiply(draft, step, x, weights, product);
}

function matMul(draft: CodedDraft, step: Step, made: Value) {
  const x = made.shape.length === 4 ? asRows(draft, made) : made;
  const [depth, columns] = [x.shape.at(-1)!, 1 + step.q];
  const shape = [...x.shape.slice(0, -1), columns];
  const product = { opType: "MatMul", shape, channels: columns, terms: depth };
  multiply(draft, step, x, weightsOf(draft, [depth, columns], 1, step), product);
}

function join(draft: CodedDraft, step: Step, opType: string, [x, y]: readonly Value[], spread: number) {
  if (x.shape.join() !== y.shape.join()) return;
  finish(draft, step, draft.push(opType, [draft.read(x), draft.read(y)]), x.shape, spread);
}

/** With an operand of size 1 (or missing) along some axes. */
function joinBroadcast(draft: CodedDraft, step: Step, x: Value, opType: "Add" | "Mul") {
  const { p, q } = step;
  const kept = x.shape.map((size, i) => (p >> (i % 4)) & 1 ? size : 1).slice(q % 2 && p % 2 === 0 ? 1 : 0);
  const lift = draft.dtype === "uint8" ? 128 : 0;
  const codes = Array.from(signedCodes(elementCount(kept), draft.fresh()), (code) => code + lift);
  const other = draft.read({ ...x, name: draft.constant(tensor(draft.dtype, kept, codes)) });
  const operands = q % 3 === 0 ? [other, draft.read(x)] : [draft.read(x), other];
  const spread = opType === "Add" ? x.spread * 1.5 : x.spread ** 2;
  finish(draft, step, draft.push(opType, operands), x.shape, spread);
}

function addConstant(draft: CodedDraft, step: Step, x: Value) {
  const lift = draft.dtype === "uint8" ? 128 : 0;
  const codes = Array.from(signedCodes(elementCount(x.shape), draft.fresh()), (code) => code + lift);
  const other = { ...x, name: draft.constant(tensor(draft.dtype, x.shape, codes)) };
  join(draft, step, "Add", [x, other], x.spread * 1.5);
}

/** Along the channels of images, the columns of matrices, or the axis after the batch. */
function concat(draft: CodedDraft, step: Step, [x, y]: readonly Value[], axis: number) {
  const [rank, most] = [x.shape.length, 24];
  if (rank !== y.shape.length || axis >= rank) return;
  if (x.shape.some((size, i) => i !== axis && size !== y.shape[i])) return;
  const shape = x.shape.map((size, i) => i === axis ? size + y.shape[i] : size);
  if (rank === 4 && shape[1] > most) return;
  const joined = draft.push("Concat", [draft.read(x), draft.read(y)], { axis: int(axis) });
  draft.quantize(joined, shape, Math.max(x.spread, y.spread), step);
}

const layers: Record<Layer, (draft: CodedDraft, step: Step, x: Value, y: Value) => unknown> = {
  pointwise: (draft, step, x) => convolve(draft, step, x, { out: 1 + step.q, kernel: [1, 1] }),
  conv: (draft, step, x) => convolve(draft, step, x, { out: 1 + step.q, kernel: [3, 2 + step.p % 2] }),
  dilated: (draft, step, x) => convolve(draft, step, x, { out: 1 + step.q, kernel: [2, 3] }),
  depthwise: (draft, step, x) => {
    convolve(draft, step, x, { out: x.shape[1], group: x.shape[1], kernel: [3, 3] });
  },
  multiplied: (draft, step, x) => {
    convolve(draft, step, x, { out: 2 * x.shape[1], group: x.shape[1], kernel: [3, 3] });
  },
  grouped: (draft, step, x) => {
    if (x.shape[1] % 2 === 0) convolve(draft, step, x, { out: 6, group: 2, kernel: [3, 3] });
  },
  gemm,
  matMul,
  add: (draft, step, x, y) => join(draft, step, "Add", [x, y], Math.hypot(x.spread, y.spread)),
  addConstant,
  mul: (draft, step, x, y) => join(draft, step, "Mul", [x, y], x.spread * y.spread),
  concat: (draft, step, x, y) => concat(draft, step, [x, y], 1),
  concatRows: (draft, step, x, y) => concat(draft, step, [x, y], 2),
  maxPool,
  globalAverage: (draft, step, x) => average(draft, step, x, "GlobalAveragePool"),
  wholeAverage: (draft, step, x) => average(draft, step, x, "AveragePool"),
  flatten: (draft, _, x) => flatten(draft, x),
  rows: (draft, _, x) => x.shape.length === 4 && asRows(draft, x),
  slice,
  addRow: (draft, step, x) => joinBroadcast(draft, step, x, "Add"),
  mulRow: (draft, step, x) => joinBroadcast(draft, step, x, "Mul"),
  unaryFunction,
  resize,
  split: addSplit,
  pad,
};
