// Converts an array from a file to the type of an input, within the same kind of numbers, and checks its values.
import { ModelError } from "../error.ts";
import type { DType } from "../tensor/dtype.ts";
import { elements, floats, fromNumbers, type Tensor } from "../tensor/tensor.ts";

const kinds: Partial<Record<DType, "float" | "integer">> = {
  float16: "float",
  bfloat16: "float",
  float32: "float",
  float64: "float",
  int8: "integer",
  uint8: "integer",
  int16: "integer",
  uint16: "integer",
  int32: "integer",
  uint32: "integer",
  int64: "integer",
  uint64: "integer",
}; // deno-fmt-ignore

/** Whether `convert` can turn `from` into `to` without changing the meaning of the numbers; floats may be rounded. */
export function convertible(from: DType, to: DType): boolean {
  return from === to || (kinds[from] !== undefined && kinds[from] === kinds[to]);
}

/**
 * The tensor in the model's type.
 * @throws ModelError for NaN, infinity and integers that do not fit; `place` names the array in messages.
 */
export function convert(read: Tensor, to: DType, place: string): Tensor {
  const result = read.dtype === to ? read : castTo(read, to);
  if (kinds[to] === "float") refuseNonFinite(result, place);
  else if (result !== read) refuseLoss(read, result, place);
  return result;
}

function castTo(read: Tensor, to: DType): Tensor {
  const values = isHalf(read) ? floats(read) : elements(read);
  return fromNumbers(to, read.shape, values);
}

function isHalf({ dtype }: Tensor): boolean {
  return dtype === "float16" || dtype === "bfloat16";
}

function refuseNonFinite(result: Tensor, place: string): void {
  const values = isHalf(result) ? floats(result) : elements(result) as Float32Array;
  for (let i = 0; i < values.length; i++) {
    if (Number.isFinite(values[i])) continue;
    throw new ModelError(
      `Cannot use ${place}: element ${i} is ${values[i]}, expected finite ${result.dtype} numbers`,
    );
  }
}

function refuseLoss(read: Tensor, result: Tensor, place: string): void {
  const before = elements(read);
  const after = elements(result);
  for (let i = 0; i < before.length; i++) {
    if (BigInt(before[i]) === BigInt(after[i])) continue;
    throw new ModelError(
      `Cannot use ${place}: element ${i} is ${before[i]}, which ${result.dtype} cannot hold`,
    );
  }
}
