// DFT and STFT (ONNX DFT-20, STFT-17) as products with the matrix of roots of unity: for a few thousand points that is
// fewer and larger steps than a fast transform. Older forms of DFT are upgraded on load.
import { ModelError, UnsupportedError } from "../error.ts";
import type { Name, StaticValue } from "../graph/graph.ts";
import { normalAxis } from "../tensor/shape.ts";
import { fromNumbers, numbers, tensor } from "../tensor/tensor.ts";
import type { ExpansionBuilder } from "./declare/builder.ts";
import { constantInput, int, op, requireInput } from "./declare/op.ts";

type Transform = {
  /** Of the transform; the signal may be shorter. */
  readonly length: number;
  readonly inverse: boolean;
  readonly onesided: boolean;
};

/** 256 MB of float32. */
const mostElements = 2 ** 26;

/** The number of output points, and the number of parts (real, imaginary) of each. */
function resultOf({ length, inverse, onesided }: Transform): [count: number, parts: 1 | 2] {
  return onesided ? inverse ? [length, 1] : [Math.floor(length / 2) + 1, 2] : [length, 2];
}

/** The matrix [points · parts][count · parts of the result], by rows. */
function matrixOf(transform: Transform, points: number, parts: number): Float64Array {
  const { length, inverse, onesided } = transform;
  const [count, resultParts] = resultOf(transform);
  const columns = count * resultParts;
  if (points * parts * columns > mostElements) {
    throw new UnsupportedError(
      `Cannot transform ${points} points: the matrix has more than ${mostElements} elements`,
    );
  }
  const matrix = new Float64Array(points * parts * columns);
  const sign = inverse ? 1 : -1;
  for (let n = 0; n < points; n++) {
    // Only half of a real signal's spectrum is given: the other half is its conjugate.
    const mirrored = inverse && onesided && n > 0 && 2 * n !== length ? 2 : 1;
    for (let k = 0; k < count; k++) {
      const angle = (2 * Math.PI * ((n * k) % length)) / length;
      const scale = inverse ? mirrored / length : 1;
      const [real, imaginary] = [scale * Math.cos(angle), scale * sign * Math.sin(angle)];
      for (let part = 0; part < parts; part++) {
        const at = (n * parts + part) * columns + k * resultParts;
        matrix[at] = part === 0 ? real : -imaginary;
        if (resultParts === 2) matrix[at + 1] = part === 0 ? imaginary : real;
      }
    }
  }
  return matrix;
}

/** Transforms x of shape [..., points, parts] along the last axis but one. */
function addTransform(
  builder: ExpansionBuilder,
  x: Name,
  { dtype, shape }: Pick<StaticValue, "dtype" | "shape">,
  transform: Transform,
  outputs?: readonly Name[],
): Name {
  const { add, constant, reshape } = builder;
  const [points, parts] = shape.slice(-2);
  const outer = shape.slice(0, -2);
  const result = resultOf(transform);
  const matrix = fromNumbers(
    dtype,
    [points * parts, result[0] * result[1]],
    matrixOf(transform, points, parts),
  );
  const flat = reshape(x, [...outer, points * parts]);
  const product = add("MatMul", [flat, constant(matrix)]);
  return reshape(product, [...outer, ...result], outputs);
}

type Options = { readonly inverse: number; readonly onesided: number };

function transformOf(inputs: readonly (StaticValue | undefined)[], a: Options) {
  const { shape } = requireInput(inputs, 0);
  const given = inputs[2] ? numbers(constantInput(inputs, 2, "axes"))[0] : -2;
  const axis = normalAxis(given, shape.length);
  if (axis === shape.length - 1 || ![1, 2].includes(shape.at(-1)!)) {
    const expected = "expected a last axis of 1 or 2 parts, and another axis to transform";
    throw new ModelError(`Cannot transform [${shape}] along axis ${given}: ${expected}`);
  }
  const [inverse, onesided] = [a.inverse !== 0, a.onesided !== 0];
  const usual = inverse && onesided ? 2 * (shape[axis] - 1) : shape[axis];
  const length = inputs[1] ? numbers(constantInput(inputs, 1, "lengths"))[0] : usual;
  return { axis, transform: { length, inverse, onesided } };
}

export const DFT = op({
  since: 20,
  attributes: { inverse: int(0), onesided: int(0) },
  constantInputs: [1, 2],
  role: { kind: "resists" },
  infer(inputs, a) {
    const { dtype, shape } = requireInput(inputs, 0);
    const { axis, transform } = transformOf(inputs, a);
    const [count, parts] = resultOf(transform);
    return [{ dtype, shape: [...shape.with(axis, count).slice(0, -1), parts] }];
  },
  expand(builder, a) {
    const { inputs, outputs, add } = builder;
    const { name, dtype, shape } = inputs[0]!;
    const { axis, transform } = transformOf(inputs, a);
    const { length, inverse, onesided } = transform;
    const points = Math.min(shape[axis], inverse && onesided ? Math.floor(length / 2) + 1 : length);
    const cut = points === shape[axis]
      ? name
      : add("Slice", [name, builder.integers([0]), builder.integers([points]), builder.integers([axis])]);
    const others = shape.map((_, i) => i).filter((i) => i !== axis);
    const order = [...others.slice(0, -1), axis, shape.length - 1];
    const moved = builder.transpose(cut, order);
    const movedShape = order.map((i) => i === axis ? points : shape[i]);
    const result = addTransform(builder, moved, { dtype, shape: movedShape }, transform);
    const back = shape.map((_, i) => order.indexOf(i));
    builder.transpose(result, back, outputs);
  },
});

/** The start of each frame and the length of frames. */
function framesOf(inputs: readonly (StaticValue | undefined)[]): { length: number; starts: number[] } {
  const { shape } = requireInput(inputs, 0);
  const step = numbers(constantInput(inputs, 1, "frame steps"))[0];
  const length = inputs[3]
    ? numbers(constantInput(inputs, 3, "frame lengths"))[0]
    : inputs[2]?.shape[0] ?? shape[1];
  if (!(step > 0) || !(length > 0 && length <= shape[1])) {
    throw new ModelError(`Cannot cut ${shape[1]} samples into frames of ${length}, ${step} apart`);
  }
  const count = Math.floor((shape[1] - length) / step) + 1;
  return { length, starts: Array.from({ length: count }, (_, i) => i * step) };
}

export const STFT = op({
  since: 17,
  attributes: { onesided: int(1) },
  constantInputs: [1, 3],
  role: { kind: "resists" },
  infer(inputs, a) {
    const { dtype, shape } = requireInput(inputs, 0);
    const { length, starts } = framesOf(inputs);
    const [count] = resultOf({ length, inverse: false, onesided: a.onesided !== 0 });
    return [{ dtype, shape: [shape[0], starts.length, count, 2] }];
  },
  expand(builder, a) {
    const { inputs, outputs, add, constant } = builder;
    const { name, dtype, shape: [batch, , parts = 1] } = inputs[0]!;
    const { length, starts } = framesOf(inputs);
    const places = starts.flatMap((start) => Array.from({ length }, (_, i) => start + i));
    const frames = add("Gather", [name, constant(tensor("int64", [starts.length, length], places))], {
      axis: { type: "int", value: 1n },
    });
    const shape = [batch, starts.length, length, parts];
    const parted = builder.reshape(frames, shape);
    const weights = inputs[2] && builder.reshape(inputs[2].name, [length, 1]);
    const weighted = weights ? add("Mul", [parted, weights]) : parted;
    addTransform(
      builder,
      weighted,
      { dtype, shape },
      { length, inverse: false, onesided: a.onesided !== 0 },
      outputs,
    );
  },
});
