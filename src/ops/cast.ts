// Cast and CastLike between numbers and booleans. Constants are cast on the host, where 64 bits are exact.
import { ModelError, UnsupportedError } from "../error.ts";
import type { StaticValue } from "../graph/graph.ts";
import { cast, castNumbers } from "../kernels/cast.ts";
import { type Call, call } from "../kernels/kernel.ts";
import { type DType, dtypes } from "../tensor/dtype.ts";
import { elements, fromNumbers, numbers, type Tensor } from "../tensor/tensor.ts";
import type { ExpansionBuilder } from "./declare/builder.ts";
import { wordsOf } from "./lowering/layout.ts";
import { castGradient } from "./gradient/moving.ts";
import { int, op, type Operand, requireInput } from "./declare/op.ts";
import type { Role } from "./declare/role.ts";
import { everyElement, everyElementOfFirst } from "./declare/part_axes.ts";

/** y = x converted to the type of y, in any layout that both share. */
export function castCall(x: Operand, y: Operand): Call {
  const numbers = { count: wordsOf(x), ...castNumbers(x.dtype, y.dtype) };
  return call(cast, { x: x.buffer, y: y.buffer }, numbers);
}

const role: Role = { kind: "resists" };
const castable = /^(b?float(16|32|64)|u?int(8|16|32|64)|bool)$/;

function inferCast(inputs: readonly (StaticValue | undefined)[], to: DType | undefined): StaticValue[] {
  const { dtype, shape } = requireInput(inputs, 0);
  if (!to) throw new ModelError("Cannot cast: ONNX does not know the type");
  if (!castable.test(dtype) || !castable.test(to)) {
    throw new UnsupportedError(
      `Cannot cast ${dtype} to ${to}: expected booleans and numbers of 8 to 64 bits`,
    );
  }
  return [{ dtype: to, shape }];
}

export const Cast = op({
  since: 6,
  attributes: { to: int() },
  planning: { layout: "any", partAxes: everyElement },
  types: "all",
  role,
  infer: (inputs, a) => inferCast(inputs, dtypes[a.to]),
  gradient: castGradient,
  lower: ({ inputs, outputs }) => [castCall(inputs[0]!, outputs[0])],
  host: ([x], a) => [castOnHost(x!, dtypes[a.to])],
  expand: (builder, a) => expandToIdentity(builder, dtypes[a.to]),
});

export const CastLike = op({
  since: 15,
  planning: { layout: "any", partAxes: everyElementOfFirst },
  types: "all",
  role,
  infer: (inputs) => inferCast(inputs, requireInput(inputs, 1).dtype),
  gradient: castGradient,
  lower: ({ inputs, outputs }) => [castCall(inputs[0]!, outputs[0])],
  host: ([x, like]) => [castOnHost(x!, like!.dtype)],
  expand: (builder) => expandToIdentity(builder, builder.inputs[1]!.dtype),
});

/** A cast to the type that the value already has is an Identity. */
function expandToIdentity({ inputs: [x], outputs, add }: ExpansionBuilder, to: DType): boolean {
  if (x!.dtype !== to) return false;
  add("Identity", [x!.name], {}, outputs);
  return true;
}

function castOnHost(x: Tensor, to: DType): Tensor {
  if (to === "bool") return fromNumbers(to, x.shape, numbers(x).map((v) => Number(v !== 0)));
  if (!/int/.test(to)) return fromNumbers(to, x.shape, numbers(x));
  const values = /float/.test(x.dtype) ? numbers(x).map((v) => wholeOf(v, to)) : elements(x);
  return fromNumbers(to, x.shape, values as ArrayLike<number | bigint>);
}

/** Truncates to an integer of 32 bits, or 64 if the type has them. Typed arrays then keep the lowest bits. */
function wholeOf(v: number, to: DType): number | bigint {
  if (Number.isNaN(v)) return 0;
  const width = /64/.test(to) ? 64 : 32;
  const most = 2 ** (to.startsWith("u") ? width : width - 1);
  if (v >= most) return width === 64 ? BigInt(most) - 1n : most - 1;
  return Math.trunc(Math.max(v, -(2 ** (width - 1))));
}
