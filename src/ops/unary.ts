// Elementwise functions of one operand, one row each: on floats, and on integers if ONNX allows them.
import type { StaticValue } from "../graph/graph.ts";
import { call, wordTypeOf } from "../kernels/kernel.ts";
import { integerNumbers } from "../kernels/lib/integer.ts";
import { trigonometric, type TrigonometricKind, trigonometricKinds } from "../kernels/trigonometric.ts";
import { unary, type UnaryKind, unaryKinds } from "../kernels/unary.ts";
import { unaryInteger, type UnaryIntegerKind, unaryIntegerKinds } from "../kernels/unary_integer.ts";
import type { OpenBuilder } from "./declare/builder.ts";
import { circularGradients } from "./gradient/circular.ts";
import { tableOnCodes } from "./halftone/code_table.ts";
import { quadsOf, wordsOf } from "./lowering/layout.ts";
import { type OnCodes, type Op, op, type Operand, requireInput, type Spec } from "./declare/op.ts";
import type { Role } from "./declare/role.ts";
import { everyElement } from "./declare/part_axes.ts";
import { unaryGradients } from "./halftone/unary_gradient.ts";

type Parameters = readonly [alpha: number, beta: number];
type Row = {
  role?: Role;
  since?: number;
  downgrade?: (builder: OpenBuilder, attributes: Record<string, number>) => void;
  missing?: boolean;
  /** True if float16 files keep it in float32. */
  float32Only?: boolean;
  /** False if f(x) may be infinite or NaN: padding channels, which may hold any x, must then not be computed. */
  finite?: boolean;
  /** The function on integers. */
  integer?: UnaryIntegerKind;
  attributes?: Record<string, Spec<number>>;
  /** The shader's alpha and beta. */
  parameters?: (a: Record<string, number>) => Parameters;
  /** ONNX Runtime's integer form. */
  onCodesInFiles?: OnCodes;
  /** The interval that this function clamps to, if that is all it does. */
  clamp?: readonly [low: number, high: number];
};

/** Declares an operator that is one function of the `unary` kernel. */
export function elementwise(kind: UnaryKind, row: Row = {}) {
  const parametersOf = row.parameters ?? (() => row.clamp ?? [0, 0]);
  const self: Op = op({
    since: row.since,
    downgrade: row.downgrade && ((builder, a) => row.downgrade!(builder, a as Record<string, number>)),
    runtime: { missing: row.missing, float32Only: () => row.float32Only ?? false },
    attributes: row.attributes ?? {},
    planning: { layout: row.finite === false ? "plain" : "any", partAxes: everyElement },
    types: row.integer ? "numbers" : "floats",
    role: row.role ?? { kind: "resists" },
    quantization: { onCodes: tableOnCodes(() => self), onCodesInFiles: row.onCodesInFiles },
    infer: sameAsInput,
    lower({ inputs, outputs }, attributes) {
      const [x, y] = [inputs[0] as Operand, outputs[0]];
      if (row.integer && isInteger(x)) return [integerCall(row.integer, x, y)];
      return [unaryCall(kind, x, y, parametersOf(attributes as Record<string, number>))];
    },
    gradient: (builder, a) => unaryGradients(kind, parametersOf(a as Record<string, number>))(builder),
    algebra: {
      homogeneous: kind === "leaky",
      // Before types are inferred, the input is assumed to be float.
      clamp: row.clamp && (([x]) => x && isInteger(x) ? undefined : row.clamp),
    },
  });
  return self;
}

export function sameAsInput(inputs: readonly (StaticValue | undefined)[]): StaticValue[] {
  const { dtype, shape } = requireInput(inputs, 0);
  return [{ dtype, shape }];
}

export function isInteger({ dtype }: Pick<StaticValue, "dtype">): boolean {
  return wordTypeOf(dtype) !== "f32";
}

/** y = f(x), in any layout that both share. */
export function unaryCall(kind: UnaryKind, x: Operand, y: Operand, [alpha, beta]: Parameters = [0, 0]) {
  const numbers = { kind: unaryKinds.indexOf(kind), quads: quadsOf(x), alpha, beta };
  return call(unary, { x: x.buffer, y: y.buffer }, numbers);
}

export function integerCall(kind: UnaryIntegerKind, x: Operand, y: Operand) {
  const numbers = { kind: unaryIntegerKinds.indexOf(kind), count: wordsOf(x), ...integerNumbers(x.dtype) };
  return call(unaryInteger, { x: x.buffer, y: y.buffer }, numbers);
}

function circular(kind: TrigonometricKind, finite = true) {
  const self: Op = op({
    planning: { layout: finite ? "any" : "plain", partAxes: everyElement },
    role: { kind: "resists" },
    quantization: { onCodes: tableOnCodes(() => self) },
    gradient: circularGradients[kind],
    infer: sameAsInput,
    lower({ inputs, outputs }) {
      const x = inputs[0] as Operand;
      const numbers = { kind: trigonometricKinds.indexOf(kind), quads: quadsOf(x) };
      return [call(trigonometric, { x: x.buffer, y: outputs[0].buffer }, numbers)];
    },
  });
  return self;
}

export const Abs = elementwise("abs", { integer: "abs" });
export const Ceil = elementwise("ceil");
export const Erf = elementwise("erf");
export const Exp = elementwise("exp");
export const Floor = elementwise("floor");
export const Log = elementwise("log", { finite: false });
export const Neg = elementwise("negate", { integer: "negate" });
export const Reciprocal = elementwise("reciprocal", { finite: false });
/** Half to even. */
export const Round = elementwise("round");
export const Sign = elementwise("sign", { integer: "sign" });
export const Sqrt = elementwise("sqrt", { finite: false });

export const Acos = circular("acos", false);
export const Acosh = circular("acosh", false);
export const Asin = circular("asin", false);
export const Asinh = circular("asinh");
export const Atan = circular("atan");
export const Atanh = circular("atanh", false);
export const Cos = circular("cos");
export const Cosh = circular("cosh", false);
export const Sin = circular("sin");
export const Sinh = circular("sinh", false);
export const Tan = circular("tan");
