// How an array in a file holds the samples of an input. Samples are taken along the array's first axis, whatever the
// input's batch axis; arrays in the model's own layout, arrays of one sample, and samples with all axes of the input
// are accepted too.
import { ModelError } from "../error.ts";
import type { DType } from "../tensor/dtype.ts";
import type { Shape } from "../tensor/shape.ts";
import { inputText, shapeText } from "./batch_axis.ts";
import { convertible } from "./convert.ts";
import type { ModelInput } from "./source.ts";

export type ArrayFit = {
  readonly count: number;
  /** The array's sample axis; undefined if the whole array is one sample. */
  readonly sampleAxis?: number;
  readonly sample: Shape;
  /** Samples have all axes of the input, so they are not stacked. */
  readonly whole: boolean;
};

/** Elements of zero bytes could claim any number of samples. */
const mostSamples = 2 ** 24;

/** @throws ModelError if the array's type or shape does not fit the input; `place` names the array in messages. */
export function fitArray(
  { dtype, shape }: { readonly dtype: DType; readonly shape: Shape },
  input: ModelInput,
  axis: number | undefined,
  place: string,
): ArrayFit {
  if (!convertible(dtype, input.dtype)) {
    throw new ModelError(
      `Cannot feed ${place} to input "${input.name}": it is ${dtype}, expected ${input.dtype}; use astype()`,
    );
  }
  const found = axis === undefined ? wholeFit(shape, input.shape) : batchFit(shape, input.shape, axis);
  if (found && found.count <= mostSamples) return found;
  if (found) {
    throw new ModelError(
      `Cannot feed ${place} to input "${input.name}": it has ${found.count} samples, expected at most ${mostSamples}`,
    );
  }
  const own = axis === undefined ? input.shape : input.shape.toSpliced(axis, 1);
  throw new ModelError(
    `Cannot feed ${place} to input "${input.name}" (${
      inputText(input)
    }): its shape is [${shape}], expected ` +
      `[${["N", ...own.length > 0 ? [shapeText(own)] : []]}] for N samples or [${shapeText(own)}] for one` +
      (axis === 0 ? "" : `; --batch-axis ${input.name}=AXIS says which axis of the input counts samples`),
  );
}

function wholeFit(shape: Shape, wanted: ModelInput["shape"]): ArrayFit | undefined {
  if (fits(shape, wanted)) return { count: 1, sample: shape, whole: true };
  const [count, ...sample] = shape;
  return fits(sample, wanted) && shape.length > 0 ? { count, sampleAxis: 0, sample, whole: true } : undefined;
}

function batchFit(shape: Shape, wanted: ModelInput["shape"], axis: number): ArrayFit | undefined {
  const own = wanted.toSpliced(axis, 1);
  const [count, ...sample] = shape;
  if (shape.length > 0 && fits(sample, own)) return { count, sampleAxis: 0, sample, whole: false };
  // The model's own layout, with samples along its batch axis.
  if (fits(shape, wanted)) {
    return { count: shape[axis], sampleAxis: axis, sample: shape.toSpliced(axis, 1), whole: false };
  }
  if (fits(shape, own)) return { count: 1, sample: shape, whole: false };
  if (shape.length === 0 || !fits(sample, wanted)) return undefined;
  if (sample[axis] === 1) return { count, sampleAxis: 0, sample: sample.toSpliced(axis, 1), whole: false };
  // With a fixed batch, each sample is a batch; with an open one this is more likely a mistake.
  return typeof wanted[axis] === "number" ? { count, sampleAxis: 0, sample, whole: true } : undefined;
}

function fits(shape: Shape, wanted: ModelInput["shape"]): boolean {
  return shape.length === wanted.length &&
    wanted.every((dim, i) => typeof dim === "string" || dim === shape[i]);
}
