// Joins of codes, as ONNX Runtime's com.microsoft operators compute them: QLinearAdd and QLinearMul of equal shapes,
// QLinearConcat along the channels. All by look-up tables: a code has 256 values, so the host rounds each case once.
import type { Node, StaticValue } from "../graph/graph.ts";
import { call } from "../kernels/kernel.ts";
import { qbinaryTable, qtableChannels, tableNumbers } from "../kernels/qtable.ts";
import { broadcastShapes, normalAxis, sameShape } from "../tensor/shape.ts";
import { roundHalfEven } from "../tensor/round.ts";
import type { ExpansionBuilder } from "./declare/builder.ts";
import { clampAttributes } from "./lowering/clamp.ts";
import { Concat } from "./concat.ts";
import { byteOffset, packing } from "./lowering/layout.ts";
import { int, type Layout, op, type Operand, packsAs, requireInput } from "./declare/op.ts";
import { codingNumbers } from "./quantize.ts";
import { isPerTensor, packsAlike } from "./lowering/requantize.ts";

const { fround } = Math;

type Linear = { readonly scale: number; readonly zero: number };

function toByte(code: number): number {
  return Math.min(Math.max(roundHalfEven(code), -128), 127);
}

/** 65,536 bytes of f(a, b), four to a word, b running fastest. */
function tableOf(f: (a: number, b: number) => number): Uint32Array {
  const bytes = new Int8Array(65536);
  for (let a = -128, at = 0; a < 128; a++) for (let b = -128; b < 128; b++, at++) bytes[at] = toByte(f(a, b));
  return new Uint32Array(bytes.buffer);
}

/**
 * a·A + (b·B + fixed) with two fused multiply-adds, A and B the ratios of scales and fixed the share of the zero
 * points (MlasQLinearAdd). Doubles hold the products exactly. Zero points refer to unpacked codes, so bytes are
 * shifted by offsets.
 */
function addition(a: Linear & Lift, b: Linear & Lift, y: Linear & Lift): (a: number, b: number) => number {
  const [ratioA, ratioB] = [fround(a.scale / y.scale), fround(b.scale / y.scale)];
  const [zeroA, zeroB, zeroY] = [a, b, y].map(({ zero, lift }) => zero + lift);
  const fixed = fround(zeroY - fround(ratioA * zeroA + fround(ratioB * zeroB)));
  return (codeA, codeB) => {
    const part = fround((codeB + b.lift) * ratioB + fixed);
    return roundHalfEven(fround((codeA + a.lift) * ratioA + part)) - y.lift;
  };
}

type Lift = { readonly lift: number };

/** (a − zero)(b − zero) · ratio plus the codes' zero point, then rounded: MlasQLinearMul. */
function product(a: Linear, b: Linear, y: Linear & Lift): (a: number, b: number) => number {
  const ratio = fround(fround(a.scale * b.scale) / y.scale);
  return (codeA, codeB) => {
    const part = fround((codeA - a.zero) * (codeB - b.zero) * ratio);
    return roundHalfEven(fround(part + y.zero + y.lift)) - y.lift;
  };
}

/** The join in real numbers, with a clamp: if the clamp removes codes, ONNX Runtime does not use its integer form. */
function clampJoin(
  real: (a: number, b: number) => number,
  [a, b, y]: readonly Linear[],
  [low, high]: readonly [number, number],
): (a: number, b: number) => number {
  const realOf = (code: number, { scale, zero }: Linear) => fround((code - zero) * scale);
  return (codeA, codeB) => {
    const value = fround(real(realOf(codeA, a), realOf(codeB, b)));
    return roundHalfEven(fround(Math.min(Math.max(value, low), high) / y.scale)) + y.zero;
  };
}

function cuts({ scale, zero }: Linear, clamp: readonly [number, number]): boolean {
  const [low, high] = clamp.map((real) => roundHalfEven(fround(real / scale)) + zero);
  return low > -128 || high < 127;
}

type Join = { readonly onCodes: typeof addition; readonly real: (a: number, b: number) => number };

function join(opType: string, { onCodes, real }: Join) {
  return op({
    domain: "com.microsoft",
    attributes: clampAttributes,
    types: "numbers",
    role: { kind: "resists" },
    planning: {
      partAxes(_, [{ shape: { length } }]) {
        return { axes: length, inputs: [length, 0, 0, length] };
      },
      arrange: packsAlike((i) => i === 0 || i === 3),
    },
    infer(inputs) {
      const [a, b] = [requireInput(inputs, 0), requireInput(inputs, 3)];
      return [{ dtype: inputs[7]?.dtype ?? a.dtype, shape: broadcastShapes(a.shape, b.shape) }];
    },
    expand(builder, _, { attributes }) {
      const [a, aScale, aZero, b, bScale, bZero, yScale, yZero] = builder.inputs;
      if (!isPerTensor(aScale, aZero, bScale, bZero, yScale, yZero)) {
        return expandJoin(builder, opType, attributes);
      }
      if (sameShape(a!.shape, b!.shape)) return false;
      return expandBroadcast(builder, `QLinear${opType}`, attributes);
    },
    lower({ inputs, outputs: [y], constant }, { clamp_low, clamp_high }) {
      const [a, aScale, aZero, b, bScale, bZero, yScale, yZero] = inputs as Operand[];
      const linear = ({ dtype }: Operand, scale: StaticValue, zero: StaticValue | undefined) => ({
        ...codingNumbers(dtype, scale, zero),
        lift: byteOffset(dtype),
      });
      const [from, other, to] = [
        linear(a, aScale, aZero),
        linear(b, bScale, bZero),
        linear(y, yScale, yZero),
      ];
      const f = cuts(to, [clamp_low, clamp_high])
        ? clampJoin(real, [from, other, to], [clamp_low, clamp_high])
        : onCodes(from, other, to);
      const { rows, blocks } = packing(y);
      const buffers = { a: a.buffer, b: b.buffer, table: constant(tableOf(f)), y: y.buffer };
      return [call(qbinaryTable, buffers, tableNumbers(rows * blocks))];
    },
  });
}

/**
 * Joins codes after broadcasting them. Where a row of the result uses a single element of `a`, ONNX Runtime swaps the
 * operands, and with them the roundings of a sum.
 */
function expandBroadcast(builder: ExpansionBuilder, opType: string, attributes: Node["attributes"]): true {
  const [a, aScale, aZero, b, bScale, bZero, ...coding] = builder.inputs;
  const shape = broadcastShapes(a!.shape, b!.shape);
  const broadcastOperand = (codes: Given, ...coding: (Given | undefined)[]) => {
    const name = sameShape(codes.shape, shape)
      ? codes.name
      : builder.add("Expand", [codes.name, builder.integers(shape)]);
    return [name, ...coding.map((one) => one?.name ?? "")];
  };
  const operands = [broadcastOperand(a!, aScale, aZero), broadcastOperand(b!, bScale, bZero)];
  const fromEnd = shape.length - 1 - shape.findLastIndex((size) => size > 1);
  const isOne = ({ shape }: StaticValue) => (shape.at(-1 - fromEnd) ?? 1) === 1;
  const ordered = isOne(a!) && !isOne(b!) ? operands.toReversed() : operands;
  const inputs = [...ordered.flat(), ...coding.map((one) => one?.name ?? "")];
  builder.add(opType, inputs, Object.fromEntries(attributes), builder.outputs);
  return true;
}

type Given = NonNullable<ExpansionBuilder["inputs"][number]>;

function expandJoin(builder: ExpansionBuilder, opType: string, attributes: Node["attributes"]): true {
  const [a, aScale, aZero, b, bScale, bZero, yScale, yZero] = builder.inputs.map((input) => input?.name);
  const read = (...names: (string | undefined)[]) =>
    builder.add("DequantizeLinear", names.filter((name) => name !== undefined));
  const joined = builder.add(
    opType,
    [read(a, aScale, aZero), read(b, bScale, bZero)],
    Object.fromEntries(attributes),
  );
  const result = [joined, yScale, yZero].filter((name) => name !== undefined);
  builder.add("QuantizeLinear", result, {}, builder.outputs);
  return true;
}

export const QLinearAdd = join("Add", { onCodes: addition, real: (a, b) => a + b });
export const QLinearMul = join("Mul", { onCodes: product, real: (a, b) => a * b });

/** Scale and zero point of y, then codes, scale and zero point of each input: MlasQLinear's tables. */
export const QLinearConcat = op({
  domain: "com.microsoft",
  attributes: { axis: int() },
  types: "all",
  role: { kind: "resists" },
  planning: {
    partAxes(inputs, [y], { axis }) {
      const axes = packsAlong(axis, y) === "packed_rows" ? y.shape.length - 1 : 1;
      return { axes, inputs: inputs.map((_, i) => isData(i) ? axes : 0) };
    },
    arrange: (inputs, [y], wanted, a) => packsAs(packsAlong(a.axis, y)!, isData)(inputs, [y], wanted, a),
  },
  infer(inputs, _, node) {
    const [{ shape }] = Concat.infer(everyThird(inputs), node);
    return [{ dtype: inputs[1]?.dtype ?? "uint8", shape }];
  },
  expand(builder, { axis }, { attributes }) {
    const isKnown = builder.inputs.every((one, i) => isData(i) || isPerTensor(one));
    if (isKnown && packsAlong(axis, builder.inputs[2]!)) return false;
    const names = builder.inputs.map((input) => input?.name);
    const parts = names.flatMap((name, i) =>
      isData(i) ? [builder.add("DequantizeLinear", [name!, names[i + 1]!, names[i + 2]!])] : []
    );
    const joined = builder.add("Concat", parts, Object.fromEntries(attributes));
    builder.add("QuantizeLinear", [joined, names[0]!, names[1]!], {}, builder.outputs);
    return true;
  },
  lower({ inputs, outputs: [y], constant }) {
    const [yScale, yZero] = inputs as Operand[];
    const to = codingNumbers(y.dtype, yScale, yZero);
    const { rows, blocks: out_blocks } = packing(y);
    let first = 0;
    return everyThird(inputs).map((x, i) => {
      const [, scale, zero] = inputs.slice(2 + i * 3, 5 + i * 3);
      const from = codingNumbers(x!.dtype, scale!, zero);
      const { channels, blocks } = packing(x as Operand);
      const touched = Math.ceil((first + channels) / 4) - Math.floor(first / 4);
      const sizes = { words: rows * touched, touched, first, channels, blocks, out_blocks };
      first += channels;
      return call(
        qtableChannels,
        { x: (x as Operand).buffer, table: constant(recoding(from, to)), y: y.buffer },
        sizes,
      );
    });
  },
});

/** The packed layout in which codes can be concatenated along this axis, if any. */
function packsAlong(axis: number, { shape: { length } }: StaticValue): Layout | undefined {
  const along = normalAxis(axis, length);
  if (along === 1 && length > 2) return "packed_channels";
  return along === length - 1 ? "packed_rows" : undefined;
}

const isData = (i: number) => i >= 2 && (i - 2) % 3 === 0;

function everyThird<T>(inputs: readonly T[]): T[] {
  return inputs.filter((_, i) => isData(i));
}

/** For each byte from −128 on, the byte that encodes the same number in another encoding. */
function recoding(from: Linear, to: Linear): Int32Array {
  return Int32Array.from({ length: 256 }, (_, i) => {
    const real = fround((i - 128 - from.zero) * from.scale);
    return toByte(roundHalfEven(fround(real / to.scale)) + to.zero);
  });
}
