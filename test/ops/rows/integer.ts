// Rows of the elementwise operators on integers: all exact, modulo the width of their type. Divisors are not zero.
import type { Attribute } from "../../../src/graph/graph.ts";
import type { DType } from "../../../src/tensor/dtype.ts";
import type { Shape } from "../../../src/tensor/shape.ts";
import { elementCount } from "../../../src/tensor/shape.ts";
import { fromNumbers, type Tensor } from "../../../src/tensor/tensor.ts";
import { exact } from "../agreement.ts";
import { dyadic, int, type Row, text } from "../one_node.ts";

const shape = [2, 3, 5, 7];

/** Integers of a type from `low` to `high`, never zero if `low` is one. */
export function wholes(dtype: DType, shape: Shape, low: number, high: number, seed = 1): Tensor {
  const span = high - low + 1;
  const values = Array.from(
    { length: elementCount(shape) },
    (_, i) => low + ((i + seed) * 7919 + seed) % span,
  );
  return fromNumbers(dtype, shape, values);
}

const bitsOf = (dtype: DType) => Number(/\d+$/.exec(dtype)![0]);
const isUnsigned = (dtype: DType) => dtype.startsWith("u");
/** The type's range, of at most 32 bits, as on a device. */
function rangeOf(dtype: DType): [number, number] {
  const bits = Math.min(bitsOf(dtype), 32);
  return isUnsigned(dtype) ? [0, 2 ** bits - 1] : [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1];
}

const pair = (
  opType: string,
  dtype: DType,
  [a, b]: readonly [Tensor, Tensor],
  attributes: Record<string, Attribute> = {},
  opset = 14,
): Row[] => {
  const about = `${dtype}${Object.keys(attributes).map((key) => `, ${key}`).join("")}`;
  const row: Row = { opType, about, inputs: [a, b], attributes, fed: [0, 1], opset, within: exact };
  return [row, { ...row, about: `${about}, a constant`, fed: [0] }];
};

const all: readonly DType[] = ["int32", "int64", "int8", "uint8", "int16", "uint16", "uint32"];
const wide: readonly DType[] = ["int32", "int64"];
/** Results within 32 bits, which is all that 64-bit integers have on a device. */
function operands(dtype: DType, opType = ""): readonly [Tensor, Tensor] {
  const most = { Mul: 2 ** 15, Pow: 15 }[opType] ?? 2 ** 30;
  const [low, high] = dtype === "int64" ? [-most, most] : rangeOf(dtype);
  return [wholes(dtype, shape, low, high), wholes(dtype, [5, 1], low, high, 3)];
}
function dividends(dtype: DType): readonly [Tensor, Tensor] {
  const divisor = wholes(dtype, [5, 7], 1, 9, 3);
  const turned = fromNumbers(
    dtype,
    [5, 7],
    Array.from({ length: 35 }, (_, i) => i % 2 ? 1 + i % 5 : -1 - i % 7),
  );
  return [operands(dtype)[0], isUnsigned(dtype) ? divisor : turned];
}

const arithmetic: Row[] = [
  ...["Add", "Sub", "Mul"].flatMap((opType) =>
    all.filter((dtype) => /32|64|8/.test(dtype)).flatMap((dtype) =>
      pair(opType, dtype, operands(dtype, opType))
    )
  ),
  ...all.filter((dtype) => /32|64|8/.test(dtype)).flatMap((dtype) => pair("Div", dtype, dividends(dtype))),
  ...all.flatMap((dtype) => pair("Mod", dtype, dividends(dtype))),
  ...all.flatMap((dtype) => pair("Mod", dtype, dividends(dtype), { fmod: int(1) })),
  ...["Max", "Min"].flatMap((opType) =>
    (["int32", "int64", "int8", "uint8", "uint32"] as const).flatMap((dtype) =>
      pair(opType, dtype, operands(dtype))
    )
  ),
  ...wide.flatMap((dtype) =>
    pair("Pow", dtype, [wholes(dtype, shape, -5, 5), wholes(dtype, [5, 1], 0, 5, 2)])
  ),
  ...pair("Pow", "int32", [wholes("int32", shape, -5, 5), fromNumbers("float32", [], [3])]),
  ...pair("Pow", "float32", [dyadic(shape), wholes("int64", [5, 1], 0, 4)]),
];

const bits: Row[] = [
  ...["BitwiseAnd", "BitwiseOr", "BitwiseXor"].flatMap((opType) =>
    all.flatMap((dtype) => pair(opType, dtype, operands(dtype), {}, 18))
  ),
  ...["LEFT", "RIGHT"].flatMap((direction) =>
    (["uint8", "uint32"] as const).flatMap((dtype) =>
      pair("BitShift", dtype, [operands(dtype)[0], wholes(dtype, [5, 1], 0, 7)], {
        direction: text(direction),
      })
        .map((row) => ({ ...row, about: `${row.about} ${direction}` }))
    )
  ),
];

const single = (opType: string, dtype: DType, opset = 14): Row => ({
  opType,
  about: dtype,
  inputs: [operands(dtype)[0]],
  opset,
  within: exact,
});
const singles: Row[] = [
  ...(["int32", "int64", "int8"] as const).flatMap((dtype) => [single("Abs", dtype), single("Neg", dtype)]),
  ...(["int32", "int64", "int8", "uint8", "uint32"] as const).map((dtype) => single("Sign", dtype)),
  ...(["int32", "int8"] as const).map((dtype) => single("Relu", dtype)),
  ...all.map((dtype) => single("BitwiseNot", dtype, 18)),
];

const clips: Row[] = (["int32", "int64", "int8", "uint8", "uint32"] as const).flatMap((dtype) =>
  [[0, 1, 2], [0]].map((fed): Row => ({
    opType: "Clip",
    about: `${dtype}, ${fed.length === 1 ? "constant bounds" : "bounds that arrive"}`,
    inputs: [operands(dtype)[0], fromNumbers(dtype, [], [3]), fromNumbers(dtype, [], [100])],
    fed,
    within: exact,
  }))
);

export const integerRows: readonly Row[] = [...arithmetic, ...bits, ...singles, ...clips];
