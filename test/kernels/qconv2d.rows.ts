// Rows of convolutions of codes: the calls, weights and epilogues are those that QLinearConv lowers to.
import type { Node } from "../../src/graph/graph.ts";
import type { Kernel } from "../../src/kernels/kernel.ts";
import { qconv2dDepthwise, qconv2dGrouped, qconv2dTiled } from "../../src/kernels/qconv2d.ts";
import { wordsOf } from "../../src/ops/lowering/layout.ts";
import type { Operand } from "../../src/ops/declare/op.ts";
import { QLinearConv } from "../../src/ops/qlinear_conv.ts";
import type { DType } from "../../src/tensor/dtype.ts";
import { type Tensor, tensor, tensorOver } from "../../src/tensor/tensor.ts";
import { codeWords, nibbles, signedCodes } from "./codes.ts";
import { attributesOf, type Shape } from "./convolution.ts";
import { type Contents, exact, type KernelRows, type Row } from "./row.ts";

export type Coding = {
  readonly dtype?: "int8" | "uint8";
  readonly zeroX?: number;
  readonly zeroY?: number;
  readonly scaleY?: number;
  readonly perChannel?: boolean;
  /** Codes of weights in −8..7, a byte each or half of one. */
  readonly small?: "int8" | "int4" | "uint4";
};

/** Sums of this many products of codes are about so large that a step of y spreads them over its codes. */
const step = (terms: number, spread: number) => Math.fround(Math.sqrt(terms) * 74 * spread / 60);

/** The row of the call that a QLinearConv lowers to, which must be one of `kernel`. */
export function codedRow(kernel: Kernel, name: string, shape: Shape, coding: Coding = {}): Row {
  const made: Record<string, Contents> = {};
  const { node, operands, output } = nodeOf(shape, coding);
  const calls = QLinearConv.lower!({
    inputs: operands,
    outputs: [output],
    scratch: () => {
      throw new Error(`${name} asks for scratch`);
    },
    constant: (words) => {
      const key = `constant${Object.keys(made).length}`;
      made[key] = words;
      return key;
    },
  }, node);
  const [{ kernel: found, buffers, numbers }] = calls;
  if (found !== kernel) throw new Error(`${name} lowers to ${found.stem}, expected ${kernel.stem}`);
  const contents: Record<string, Contents> = {
    ...made,
    x: codeWords(wordsOf(operands[0]!), 1),
    y: new Uint32Array(wordsOf(output)),
  };
  const filled = Object.entries(buffers).map(([binding, buffer]) => [binding, contents[buffer!]]);
  return { name, numbers, buffers: Object.fromEntries(filled), bound: exact };
}

function nodeOf(shape: Shape, { dtype = "uint8", zeroX = 100, zeroY = 90, small, ...coding }: Coding) {
  const { scaleY, perChannel } = coding;
  const { x: [images, channels], w: [out, ...kernel], group = 1, bias } = shape;
  const weights = [out, channels / group, ...kernel];
  const terms = weights.slice(1).reduce((product, size) => product * size, 1);
  const constant = (one: Tensor): Operand => ({ ...one, buffer: "", layout: "plain", constant: one });
  const one = (value: number, type: DType) => constant(tensor(type as "float32", [], [value]));
  const scales = Array.from({ length: perChannel ? out : 1 }, (_, o) => 1 + (o % 5) / 7);
  const biases = Int32Array.from(signedCodes(out, 4), (code) => code * 40);
  const operands = [
    { buffer: "x", dtype, shape: shape.x, layout: "packed_channels" } as const,
    one(1, "float32"),
    one(zeroX, dtype),
    constant(small ? smallCodes(small, weights) : tensorOver("int8", weights, signedCodes(out * terms, 3))),
    constant(tensor("float32", perChannel ? [out] : [], scales)),
    small === "uint4" ? constant(nibbles("uint4", [], [8])) : one(0, "int8"),
    one(scaleY ?? step(terms, small ? 4.6 : 74), "float32"),
    one(zeroY, dtype),
    bias ? constant(tensorOver("int32", [out], biases)) : undefined,
  ];
  const attributes = attributesOf(shape);
  const inputs = operands.map((operand, i) => operand ? `x${i}` : "");
  const node: Node = { opType: "QLinearConv", domain: "", name: "", inputs, outputs: ["y"], attributes };
  const [{ shape: result }] = QLinearConv.infer(operands, node);
  const y: Operand = { buffer: "y", dtype, shape: [images, ...result.slice(1)], layout: "packed_channels" };
  return { node, operands, output: y };
}

function smallCodes(dtype: "int8" | "int4" | "uint4", shape: readonly number[]): Tensor {
  const count = shape.reduce((product, size) => product * size, 1);
  const codes = signedCodes(count, 3).map((code) => code >> 4);
  if (dtype === "int8") return tensorOver(dtype, shape, codes);
  return nibbles(dtype, shape, dtype === "uint4" ? codes.map((code) => code + 8) : codes);
}

const signed: Coding = { dtype: "int8", zeroX: -7, zeroY: 12 };
const pads = [1, 1, 1, 1];

export const tiled: readonly (readonly [string, Shape, Coding?])[] = [
  ["one pixel, one channel", { x: [1, 1, 1, 1], w: [1, 1, 1] }],
  ["3 of 4 channels, 13 of 16", { x: [1, 3, 7, 9], w: [13, 3, 3], bias: true }, { perChannel: true }],
  ["12 of 16 outputs: half a group of eight", { x: [1, 4, 4, 4], w: [12, 1, 1], bias: true }, signed],
  ["stride 2, unequal pads", { x: [2, 5, 9, 8], w: [9, 3, 3], strides: [2, 2], pads: [0, 1, 2, 1] }, signed],
  ["dilation, oblong kernel", { x: [1, 6, 11, 10], w: [10, 3, 2], dilations: [2, 3], pads: [2, 1, 2, 1] }],
  ["unequal strides", { x: [3, 8, 7, 5], w: [8, 2, 5], strides: [3, 1], pads: [1, 2, 1, 2] }],
  ["more padding than input", { x: [1, 4, 2, 2], w: [8, 3, 3], pads: [2, 2, 2, 2], bias: true }],
  ["a clamp in real numbers", { x: [1, 5, 6, 7], w: [6, 3, 3], pads, clamp: [-20000, 30000] }, signed],
  ["saturation at both ends", { x: [1, 5, 6, 7], w: [6, 3, 3], pads }, { scaleY: 20, perChannel: true }],
  ["zero points at the ends", { x: [1, 5, 6, 7], w: [6, 3, 3], pads }, { zeroX: 255, zeroY: 0 }],
  ["pixels of three images in one thread", { x: [3, 4, 1, 1], w: [8, 1, 1], bias: true }],
  ["several workgroups each way", { x: [2, 20, 19, 17], w: [40, 3, 3], pads, bias: true }],
  ["1 × 1, deep", { x: [1, 130, 6, 7], w: [33, 1, 1], bias: true }],
  ["3 × 3, deep", { x: [1, 50, 5, 6], w: [12, 3, 3], pads, bias: true }],
  ["a window of many columns", { x: [1, 7, 2, 70], w: [9, 2, 64], bias: true }],
  ["7 × 7, stride 2, 3 channels", { x: [1, 3, 30, 30], w: [64, 7, 7], strides: [2, 2], pads: [3, 3, 3, 3] }],
];

export const depthwise: readonly (readonly [string, Omit<Shape, "group">, Coding?])[] = [
  ["smallest", { x: [1, 2, 1, 1], w: [2, 1, 1] }],
  ["odd sizes", { x: [1, 5, 7, 9], w: [5, 3, 3], pads, bias: true }, { perChannel: true }],
  ["stride 2, unequal pads", { x: [2, 7, 9, 8], w: [7, 3, 3], strides: [2, 2], pads: [0, 1, 1, 0] }, signed],
  ["dilation, oblong", { x: [1, 4, 12, 11], w: [4, 2, 5], dilations: [3, 2], clamp: [0, 9000] }, signed],
  ["unequal strides", { x: [1, 3, 8, 13], w: [3, 3, 2], strides: [1, 3], pads: [2, 1, 2, 1] }],
  ["saturation at both ends", { x: [1, 6, 6, 7], w: [6, 3, 3], pads }, { scaleY: 9 }],
  ["a window of many columns", { x: [1, 6, 1, 260], w: [6, 2, 256], pads }],
  ["several workgroups", { x: [2, 33, 15, 14], w: [33, 3, 3], pads, bias: true }, { perChannel: true }],
];

export const grouped: typeof tiled = [
  ["smallest", { x: [1, 4, 1, 1], w: [2, 1, 1], group: 2 }],
  ["groups of 3 in and 2 out", { x: [1, 9, 5, 7], w: [6, 3, 3], group: 3, pads, bias: true }, signed],
  ["two filters a channel", { x: [2, 3, 6, 5], w: [6, 3, 3], group: 3, bias: true }, { perChannel: true }],
  ["a channel each, too wide for sums of floats", { x: [1, 6, 1, 260], w: [6, 1, 257], group: 6 }],
  ["stride, dilation, pads", {
    x: [1, 6, 11, 9],
    w: [10, 3, 2],
    group: 2,
    strides: [2, 1],
    dilations: [1, 3],
    pads: [0, 2, 1, 0],
  }],
  ["saturation at both ends", { x: [1, 6, 6, 7], w: [6, 3, 3], group: 2, pads }, { scaleY: 20 }],
  ["several workgroups", { x: [2, 16, 9, 8], w: [24, 3, 3], group: 4, pads, bias: true }],
];

export const rows: readonly KernelRows[] = [
  { kernel: qconv2dTiled, rows: tiled.map((one) => codedRow(qconv2dTiled, ...one)) },
  {
    kernel: qconv2dDepthwise,
    rows: depthwise.map(([name, shape, coding]) =>
      codedRow(qconv2dDepthwise, name, { ...shape, group: shape.x[1] }, coding)
    ),
  },
  { kernel: qconv2dGrouped, rows: grouped.map((one) => codedRow(qconv2dGrouped, ...one)) },
];
