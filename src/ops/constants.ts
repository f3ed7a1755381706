// Operators whose results are known at planning time: Constant, ConstantOfShape, EyeLike, Range, Shape and Size. They
// have no kernel: folding evaluates them on the host, exactly.
import { ModelError, UnsupportedError } from "../error.ts";
import type { StaticValue } from "../graph/graph.ts";
import { hostElements } from "./lowering/host_limit.ts";
import { dtypes } from "../tensor/dtype.ts";
import { elementCount, type Shape } from "../tensor/shape.ts";
import { elements, numbers, type Tensor, tensor, tensorOver } from "../tensor/tensor.ts";
import {
  bigint,
  bigints,
  constantInput,
  float,
  floats,
  int,
  op,
  optional,
  requireInput,
  tensorOf,
} from "./declare/op.ts";
import type { Role } from "./declare/role.ts";

const role: Role = { kind: "resists" };
const staticValue = (constant: Tensor): StaticValue => ({
  dtype: constant.dtype,
  shape: constant.shape,
  constant,
});
const int64 = (shape: Shape, values: readonly (number | bigint)[]) => tensor("int64", shape, values);

export const Constant = op({
  attributes: {
    value: optional(tensorOf),
    value_int: optional(bigint),
    value_ints: optional(bigints),
    value_float: optional(float),
    value_floats: optional(floats),
  },
  role,
  infer(_, a) {
    if (a.value) return [staticValue(a.value)];
    if (a.value_int !== undefined) return [staticValue(int64([], [a.value_int]))];
    if (a.value_ints) return [staticValue(int64([a.value_ints.length], a.value_ints))];
    if (a.value_float !== undefined) return [staticValue(tensor("float32", [], [a.value_float]))];
    if (a.value_floats) return [staticValue(tensor("float32", [a.value_floats.length], a.value_floats))];
    const expected = "expected value, value_int, value_ints, value_float or value_floats";
    throw new UnsupportedError(`Cannot read a constant: ${expected}`);
  },
});

export const ConstantOfShape = op({
  since: 9,
  constantInputs: [0],
  attributes: { value: optional(tensorOf) },
  role,
  infer(inputs, a) {
    const shape = numbers(constantInput(inputs, 0, "shapes"));
    hostElements(shape);
    return [staticValue(fill(shape, a.value ?? tensor("float32", [1], [0])))];
  },
});

/** A tensor filled with the first element of `value`. */
function fill(shape: Shape, value: Tensor): Tensor {
  const one = elements(value).slice(0, 1);
  if (one.length === 0) throw new ModelError("Cannot fill a shape: its value has no element, expected one");
  const all = new (one.constructor as typeof Float32Array)(elementCount(shape));
  return tensorOver(value.dtype as "float32", shape, all.fill(one[0] as number));
}

export const Shape_ = op({
  algebra: { shapeOnly: true },
  attributes: { start: int(0), end: int(Number.MAX_SAFE_INTEGER) },
  role,
  infer(inputs, a) {
    const { shape } = requireInput(inputs, 0);
    const part = shape.slice(a.start, a.end);
    return [staticValue(int64([part.length], part))];
  },
});

export const Size = op({
  algebra: { shapeOnly: true },
  role,
  infer: (inputs) => [staticValue(int64([], [elementCount(requireInput(inputs, 0).shape)]))],
});

export const EyeLike = op({
  since: 9,
  types: "all",
  attributes: { dtype: optional(int), k: int(0) },
  role,
  infer(inputs, a) {
    const { dtype, shape } = requireInput(inputs, 0);
    if (shape.length !== 2) throw new RangeError(`the input is [${shape}], expected a matrix`);
    const [rows, columns] = shape;
    hostElements(shape);
    const eye = new Array<number>(rows * columns).fill(0);
    const first = Math.max(0, -a.k);
    for (let i = first; i < rows && i + a.k < columns; i++) eye[i * columns + i + a.k] = 1;
    const type = a.dtype === undefined ? dtype : dtypes[a.dtype];
    return [staticValue(tensor(type as "float32", shape, eye.map((value) => value && oneOf(type))))];
  },
});

/** The number 1 as `tensor` takes it: half types by their bits. */
function oneOf(dtype: string): number {
  return { float16: 0x3c00, bfloat16: 0x3f80 }[dtype] ?? 1;
}

export const Range = op({
  since: 11,
  types: "numbers",
  constantInputs: [0, 1, 2],
  role,
  infer(inputs) {
    const [start, limit, delta] = [0, 1, 2].map((index) =>
      elements(constantInput(inputs, index, "ranges"))[0]
    );
    const { dtype } = requireInput(inputs, 0);
    if (Number(delta) === 0) throw new RangeError("the step of a range is 0");
    const count = Math.max(0, Math.ceil((Number(limit) - Number(start)) / Number(delta)));
    hostElements([count]);
    const round = dtype === "float32" ? Math.fround : (value: number) => value;
    const at = (i: number) =>
      typeof start === "bigint"
        ? start + BigInt(i) * (delta as bigint)
        : round(start + round(i * (delta as number)));
    return [staticValue(tensor(dtype as "float32", [count], Array.from({ length: count }, (_, i) => at(i))))];
  },
});

export const Cast = op({
  attributes: { to: int() },
  role,
  infer(inputs, a) {
    return [{ dtype: dtypes[a.to], shape: requireInput(inputs, 0).shape }];
  },
  host([x], a) {
    const to = dtypes[a.to];
    const whole = /int/.test(to);
    const values = elements(x!) as ArrayLike<number | bigint>;
    if (to === "bool") return [tensor("bool", x!.shape, Array.from(numbers(x!), (v) => Number(v !== 0)))];
    const cast = (v: number | bigint) => whole && typeof v === "number" ? Math.trunc(v) : v;
    return [tensor(to as "float32", x!.shape, Array.from(values, cast))];
  },
});
