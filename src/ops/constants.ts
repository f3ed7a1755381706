// Operators whose result is known before data arrive: Constant, ConstantOfShape, Shape, Size, Cast and Gather of
// constants. They have no kernel: folding evaluates them on the host, exactly.
import { ModelError, UnsupportedError } from "../error.ts";
import { dtypes } from "../tensor/dtype.ts";
import { elementCount, normalAxis, type Shape } from "../tensor/shape.ts";
import { elements, numbers, type Tensor, tensor } from "../tensor/tensor.ts";
import {
  bigint,
  bigints,
  float,
  floats,
  int,
  type Known,
  known,
  op,
  optional,
  required,
  type Role,
  tensorOf,
} from "./op.ts";

const role: Role = { kind: "resists" };
const asKnown = (constant: Tensor): Known => ({ dtype: constant.dtype, shape: constant.shape, constant });
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
    if (a.value) return [asKnown(a.value)];
    if (a.value_int !== undefined) return [asKnown(int64([], [a.value_int]))];
    if (a.value_ints) return [asKnown(int64([a.value_ints.length], a.value_ints))];
    if (a.value_float !== undefined) return [asKnown(tensor("float32", [], [a.value_float]))];
    if (a.value_floats) return [asKnown(tensor("float32", [a.value_floats.length], a.value_floats))];
    const expected = "expected value, value_int, value_ints, value_float or value_floats";
    throw new UnsupportedError(`Cannot read a constant: ${expected}`);
  },
});

/** A gigabyte of float32: more is a damaged file or no model for a workstation. */
const mostElements = 2 ** 28;

export const ConstantOfShape = op({
  since: 9,
  fixed: [0],
  attributes: { value: optional(tensorOf) },
  role,
  infer(inputs, a) {
    const shape = numbers(known(inputs, 0, "shapes"));
    const count = elementCount(shape);
    if (!(count <= mostElements)) {
      throw new UnsupportedError(
        `Cannot make a constant of shape [${shape}]: it has ${count} elements, expected at most ${mostElements}`,
      );
    }
    const value = a.value ?? tensor("float32", [1], [0]);
    const one = elements(value)[0];
    return [asKnown(tensor(value.dtype as "float32", shape, new Array(count).fill(one)))];
  },
});

export const Shape_ = op({
  attributes: { start: int(0), end: int(Number.MAX_SAFE_INTEGER) },
  role,
  infer(inputs, a) {
    const { shape } = required(inputs, 0);
    const part = shape.slice(a.start, a.end);
    return [asKnown(int64([part.length], part))];
  },
});

export const Size = op({
  role,
  infer: (inputs) => [asKnown(int64([], [elementCount(required(inputs, 0).shape)]))],
});

export const Cast = op({
  attributes: { to: int() },
  role,
  infer(inputs, a) {
    return [{ dtype: dtypes[a.to], shape: required(inputs, 0).shape }];
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

export const Gather = op({
  attributes: { axis: int(0) },
  role: { kind: "carries" },
  infer(inputs, a) {
    const [x, indices] = [required(inputs, 0), required(inputs, 1)];
    const axis = normalAxis(a.axis, x.shape.length);
    return [{
      dtype: x.dtype,
      shape: [...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)],
    }];
  },
  host([x, indices], a) {
    const axis = normalAxis(a.axis, x!.shape.length);
    const [outer, size, inner] = [x!.shape.slice(0, axis), x!.shape[axis], x!.shape.slice(axis + 1)].map((
      part,
    ) => Array.isArray(part) ? elementCount(part) : part as number);
    const from = elements(x!);
    const picked = numbers(indices!).map((index) => index < 0 ? index + size : index);
    const outside = picked.find((index) => !(index >= 0 && index < size));
    if (outside !== undefined) {
      throw new ModelError(`Cannot gather element ${outside} of ${size}: expected indices of that axis`);
    }
    const values: (number | bigint)[] = [];
    for (let o = 0; o < outer; o++) {
      for (const index of picked) {
        for (let i = 0; i < inner; i++) values.push(from[(o * size + index) * inner + i]);
      }
    }
    const shape = [...x!.shape.slice(0, axis), ...indices!.shape, ...x!.shape.slice(axis + 1)];
    return [tensor(x!.dtype as "float32", shape, values)];
  },
});
