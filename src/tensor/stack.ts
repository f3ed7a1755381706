// Slices host tensors along an axis, and joins slices. Works on bytes.
import { bitsPerElement } from "./dtype.ts";
import { elementCount, normalAxis, sameShape } from "./shape.ts";
import type { Tensor } from "./tensor.ts";

/** The slice of a tensor at one position of an axis, without that axis. */
export function sliceAt(t: Tensor, axis: number, position: number): Tensor {
  const at = normalAxis(axis, t.shape.length);
  return { ...slicesAt(t, at, [position]), shape: t.shape.filter((_, i) => i !== at) };
}

/** The slices at these positions of an axis, joined. */
export function slicesAt(t: Tensor, axis: number, positions: readonly number[]): Tensor {
  const at = normalAxis(axis, t.shape.length);
  const run = runBytes(t, at + 1);
  const outer = elementCount(t.shape.slice(0, at));
  const bytes = new Uint8Array(outer * positions.length * run);
  for (let i = 0; i < outer; i++) {
    positions.forEach((position, k) => {
      const from = (i * t.shape[at] + position) * run;
      bytes.set(t.bytes.subarray(from, from + run), (i * positions.length + k) * run);
    });
  }
  return { dtype: t.dtype, shape: t.shape.with(at, positions.length), bytes };
}

/** `count` slices of an axis from `from` on; a view if they are contiguous. */
export function rangeAt(t: Tensor, axis: number, from: number, count: number): Tensor {
  const at = normalAxis(axis, t.shape.length);
  const run = runBytes(t, at + 1);
  const shape = t.shape.with(at, count);
  const [outer, whole, part] = [elementCount(t.shape.slice(0, at)), t.shape[at] * run, count * run];
  if (outer === 1) return { dtype: t.dtype, shape, bytes: t.bytes.subarray(from * run, from * run + part) };
  const bytes = new Uint8Array(outer * part);
  for (let i = 0; i < outer; i++) {
    const first = i * whole + from * run;
    bytes.set(t.bytes.subarray(first, first + part), i * part);
  }
  return { dtype: t.dtype, shape, bytes };
}

/** Stacks slices of one shape along a new axis; RangeError if shapes differ. */
export function stackAt(slices: readonly [Tensor, ...Tensor[]], axis: number): Tensor {
  const [first] = slices;
  const at = normalAxis(axis, first.shape.length + 1);
  const other = slices.find(({ dtype, shape }) => dtype !== first.dtype || !sameShape(shape, first.shape));
  if (other) {
    const [was, is] = [first, other].map(({ dtype, shape }) => `${dtype} [${shape}]`);
    throw new RangeError(`Cannot stack ${was} and ${is}: expected one type and shape`);
  }
  const shape = [...first.shape.slice(0, at), slices.length, ...first.shape.slice(at)];
  const run = runBytes(first, at);
  const outer = elementCount(first.shape.slice(0, at));
  const bytes = new Uint8Array(outer * slices.length * run);
  slices.forEach((slice, k) => {
    for (let i = 0; i < outer; i++) {
      bytes.set(slice.bytes.subarray(i * run, (i + 1) * run), (i * slices.length + k) * run);
    }
  });
  return { dtype: first.dtype, shape, bytes };
}

/** The bytes per position of the axes before `axis`. */
function runBytes({ dtype, shape }: Tensor, axis: number): number {
  return elementCount(shape.slice(axis)) * bitsPerElement(dtype) / 8;
}
