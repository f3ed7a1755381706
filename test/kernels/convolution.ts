// Rows of convolutions from their shapes: the calls are those that Conv lowers to, so rows and plans cannot drift.
import { Conv } from "../../src/ops/conv.ts";
import { intAttribute } from "../../src/graph/attribute.ts";
import type { Attribute, Node } from "../../src/graph/graph.ts";
import type { Kernel } from "../../src/kernels/kernel.ts";
import { packConv2d } from "../../src/kernels/pack_conv2d.ts";
import { wordsOf } from "../../src/ops/lowering/layout.ts";
import type { Operand } from "../../src/ops/declare/op.ts";
import { type Bound, type Contents, type Row, seededFloats, sums } from "./row.ts";

export type Shape = {
  /** Images, channels, height, width. */
  readonly x: readonly [number, number, number, number];
  /** Output channels, kernel height, kernel width. */
  readonly w: readonly [number, number, number];
  readonly group?: number;
  readonly strides?: readonly number[];
  /** Top, left, bottom, right. */
  readonly pads?: readonly number[];
  readonly dilations?: readonly number[];
  readonly bias?: boolean;
  readonly residual?: boolean;
  readonly clamp?: readonly [number, number];
};

/** The row of the last call that a Conv of this shape lowers to, which must be one of `kernel`. */
export function convolution(kernel: Kernel, name: string, shape: Shape, bound: Bound = sums): Row {
  const { node, operands, output } = convOf(shape);
  const scratch: number[] = [];
  const calls = Conv.lower!({
    inputs: operands,
    outputs: [output],
    scratch: (words) => `packed${scratch.push(words)}`,
    constant: () => {
      throw new Error("a convolution of numbers needs no constants of its own");
    },
  }, node);
  const last = calls.at(-1)!;
  if (last.kernel !== kernel) {
    throw new Error(`${name} lowers to ${last.kernel.stem}, expected ${kernel.stem}`);
  }
  const [x, w, bias, residual] = operands.map((operand) => operand && wordsOf(operand));
  const buffers: Record<string, Contents | undefined> = {
    x,
    w: scratch.length > 0 ? packWeights(calls[0], seededFloats(w!, 5), scratch[0]) : w,
    bias,
    ...(kernel.stem.startsWith("conv2d_til") ? { residual } : {}),
    y: new Float32Array(wordsOf(output)),
  };
  return { name, numbers: last.numbers, buffers, bound };
}

function convOf(shape: Shape) {
  const { x: [images, channels], w: [out, ...kernel], group = 1, bias, residual } = shape;
  const operand = (buffer: string, shape: readonly number[], layout: Operand["layout"]): Operand => {
    return { buffer, dtype: "float32", shape, layout };
  };
  const inputs = ["x", "w", bias ? "bias" : ""];
  const node: Node = {
    opType: "Conv",
    domain: "",
    name: "",
    inputs,
    outputs: ["y"],
    attributes: attributesOf(shape),
  };
  const x = operand("x", shape.x, "channels_last");
  const w = operand("w", [out, channels / group, ...kernel], "plain");
  const [{ shape: result }] = Conv.infer([x, w], node);
  const output = operand("y", [images, ...result.slice(1)], "channels_last");
  const operands = [
    x,
    w,
    bias ? operand("bias", [out], "plain") : undefined,
    residual ? { ...output, buffer: "residual" } : undefined,
  ];
  return { node, operands, output };
}

/** The attributes of a node of this shape. */
export function attributesOf({ group = 1, clamp, strides, pads, dilations }: Shape): Map<string, Attribute> {
  const attributes = new Map<string, Attribute>([["group", intAttribute(group)]]);
  for (const [key, list] of Object.entries({ strides, pads, dilations })) {
    if (list) attributes.set(key, { type: "ints", value: list.map(BigInt) });
  }
  if (clamp) {
    attributes.set("clamp_low", { type: "float", value: clamp[0] });
    attributes.set("clamp_high", { type: "float", value: clamp[1] });
  }
  return attributes;
}

/** The weights after the call that packs them. */
function packWeights(
  call: ReturnType<NonNullable<typeof Conv.lower>>[number],
  w: Float32Array,
  words: number,
) {
  const result = new Float32Array(words);
  const source: Record<string, Float32Array> = call.kernel === packConv2d ? { w } : { x: w };
  call.kernel.reference({ ...source, y: result }, call.numbers);
  return result;
}
