// Rows of convolutions of codes: the calls, weights and epilogues are those that QLinearConv lowers to.
import type { Node } from "../../src/graph/graph.ts";
import type { Kernel } from "../../src/kernels/kernel.ts";
import { wordsOf } from "../../src/ops/lowering/layout.ts";
import type { Operand } from "../../src/ops/declare/op.ts";
import { QLinearConv } from "../../src/ops/qlinear_conv.ts";
import type { DType } from "../../src/tensor/dtype.ts";
import { type Tensor, tensor, tensorOver } from "../../src/tensor/tensor.ts";
import { codeWords, nibbles, signedCodes } from "./codes.ts";
import { attributesOf, type Shape } from "./convolution.ts";
import { type Contents, exact, type Row } from "./row.ts";

export type Coding = {
  readonly dtype?: "int8" | "uint8";
  readonly zeroX?: number;
  readonly zeroY?: number;
  readonly scaleY?: number;
  readonly perChannel?: boolean;
  /** Codes of weights in −8..7, stored in bytes or half bytes. */
  readonly small?: "int8" | "int4" | "uint4";
};

/** A scale of y over whose codes sums of this many products of codes spread. */
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

export const signed: Coding = { dtype: "int8", zeroX: -7, zeroY: 12 };
export const pads = [1, 1, 1, 1];

/** A row's name, its convolution and its coding. */
export type Case = readonly [name: string, shape: Shape, coding?: Coding];

/** The rows of a kernel with weights of eight bits, then of four, alternately signed and unsigned. */
export function codedRows(kernel: Kernel, cases: readonly Case[]): Row[] {
  const inBytes = cases.map((one) => codedRow(kernel, ...one));
  const inNibbles = cases.map(([name, shape, coding], i) =>
    codedRow(kernel, `${name}, weights of 4 bits`, shape, {
      ...coding,
      small: i % 2 ? "uint4" : "int4",
      scaleY: coding?.scaleY && coding.scaleY / 16,
    })
  );
  return [...inBytes, ...inNibbles];
}
