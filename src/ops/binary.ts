// Elementwise functions of two operands with ONNX broadcasting, one row each: on floats, and modulo 2^bits on
// integers. `Max`, `Min` and `Sum` of any number of operands are in variadic.ts.
import type { StaticValue } from "../graph/graph.ts";
import { binary, binaryBroadcast, type BinaryKind, binaryKinds } from "../kernels/binary.ts";
import { binaryInteger, type BinaryIntegerKind, binaryIntegerKinds } from "../kernels/binary_integer.ts";
import { integerNumbers } from "../kernels/lib/integer.ts";
import { type Call, call } from "../kernels/kernel.ts";
import { broadcastShapes, elementCount, sameShape } from "../tensor/shape.ts";
import { numbers } from "../tensor/tensor.ts";
import type { Gradient } from "./declare/builder.ts";
import {
  addGradient,
  divGradient,
  mulGradient,
  powGradient,
  preluGradient,
  subGradient,
} from "./gradient/binary.ts";
import { broadcastNumbers } from "./lowering/broadcast.ts";
import { castCall } from "./cast.ts";
import { clampAttributes, clampNumbers, unlimited } from "./lowering/clamp.ts";
import { quadsOf, wordsOf } from "./lowering/layout.ts";
import { allOnCodes } from "./declare/on_codes.ts";
import { int, type OnCodes, op, type Operand, requireInput, type Scratch } from "./declare/op.ts";
import type { Role } from "./declare/role.ts";
import { everyElement } from "./declare/part_axes.ts";
import { isInteger } from "./unary.ts";

type Limits = { readonly low: number; readonly high: number };
const open: Limits = { low: -unlimited, high: unlimited };

/** y = f(a, b), with a clamp for floats. All but scalars have the layout of y. */
export function binaryCall(
  kind: BinaryKind | BinaryIntegerKind,
  a: Operand,
  b: Operand,
  y: Operand,
  limits = open,
): Call {
  const buffers = { a: a.buffer, b: b.buffer, y: y.buffer };
  if (isInteger(a)) {
    const index = binaryIntegerKinds.indexOf(kind as BinaryIntegerKind);
    const places = broadcastNumbers({ a, b }, y);
    return call(binaryInteger, buffers, { kind: index, ...integerNumbers(a.dtype), ...places });
  }
  const given = { kind: binaryKinds.indexOf(kind as BinaryKind), ...limits };
  const scalar = elementCount(b.shape) === 1;
  if (sameShape(a.shape, y.shape) && (scalar || sameShape(b.shape, y.shape))) {
    return call(binary, buffers, { ...given, b_scalar: Number(scalar), quads: quadsOf(y) });
  }
  return call(binaryBroadcast, buffers, { ...given, ...broadcastNumbers({ a, b }, y) });
}

export function broadcastOf(inputs: readonly (StaticValue | undefined)[]): StaticValue[] {
  const [a, b] = [requireInput(inputs, 0), requireInput(inputs, 1)];
  return [{ dtype: a.dtype, shape: broadcastShapes(a.shape, b.shape) }];
}

function elementwise(
  kind: BinaryKind & BinaryIntegerKind,
  role: Role,
  gradient: Gradient,
  finite = true,
  onCodes?: OnCodes,
) {
  return op({
    since: 7,
    attributes: clampAttributes,
    planning: { layout: finite ? "follow" : "plain", fusesClamp: true, partAxes: everyElement },
    algebra: { affine: ({ add: "adds", mul: "multiplies" } as const)[kind as "add"] },
    types: "numbers",
    role,
    quantization: { onCodes },
    gradient,
    infer: broadcastOf,
    lower({ inputs, outputs }, attributes) {
      const [a, b] = inputs as Operand[];
      return [binaryCall(kind, a, b, outputs[0], clampNumbers(attributes))];
    },
  });
}

const joins: Role = { kind: "joins" };
const resists: Role = { kind: "resists" };

export const Add = elementwise("add", joins, addGradient, true, allOnCodes("QLinearAdd"));
export const Mul = elementwise("mul", resists, mulGradient, true, allOnCodes("QLinearMul"));
export const Sub = elementwise("sub", resists, subGradient);
export const Div = elementwise("div", resists, divGradient, false);
export const PRelu = elementwise("prelu", resists, preluGradient);

export const Mod = op({
  since: 10,
  attributes: { fmod: int(0) },
  types: "numbers",
  role: resists,
  planning: { partAxes: everyElement },
  infer: broadcastOf,
  lower({ inputs, outputs }, attributes) {
    const [a, b] = inputs as Operand[];
    return [binaryCall(attributes.fmod ? "remainder" : "modulo", a, b, outputs[0])];
  },
});

/** The result has the type of the base; the exponent may have another. */
export const Pow = op({
  since: 7,
  attributes: clampAttributes,
  planning: { fusesClamp: true, partAxes: everyElement },
  types: "numbers",
  role: resists,
  gradient: powGradient,
  infer: broadcastOf,
  lower({ inputs, outputs, scratch }, attributes) {
    const [a, b] = inputs as Operand[];
    const [y] = outputs;
    if (!isInteger(a)) {
      const [exponent, before] = asFloat(b, scratch);
      return [...before, binaryCall("pow", a, exponent, y, clampNumbers(attributes))];
    }
    if (isInteger(b)) return [binaryCall("pow", a, b, y)];
    if (b.constant && numbers(b.constant).every(Number.isInteger)) {
      const exponent: Operand = { ...b, dtype: "int32", buffer: scratch(wordsOf(b), "i32") };
      return [castCall(b, exponent), binaryCall("pow", a, exponent, y)];
    }
    const [base, before] = asFloat(a, scratch);
    const power: Operand = { ...y, dtype: "float32", buffer: scratch(wordsOf(y)) };
    return [...before, binaryCall("pow", base, b, power), castCall(power, y)];
  },
});

function asFloat(x: Operand, scratch: Scratch): [Operand, Call[]] {
  if (!isInteger(x)) return [x, []];
  const result: Operand = { ...x, dtype: "float32", buffer: scratch(wordsOf(x)) };
  return [result, [castCall(x, result)]];
}
