// Chooses the kernel of a matrix product: vec4 if rows allow it, any strides otherwise.
import { type Call, call } from "../../kernels/kernel.ts";
import { matmul } from "../../kernels/matmul.ts";
import { matmulQuads } from "../../kernels/matmul_quads.ts";

/** The call of a product, given the numbers of `matmul`. */
export function productCall(buffers: Call["buffers"], numbers: Call["numbers"]): Call {
  const { a_row, a_depth, b_depth, b_column, ...others } = numbers;
  const { depth, columns, a_batch, b_batch } = numbers;
  const isRowMajor = a_depth === 1 && a_row === depth && b_column === 1 && b_depth === columns;
  const isEven = [depth, columns, a_batch, b_batch].every((size) => size % 4 === 0);
  if (!isRowMajor || !isEven) return call(matmul, buffers, numbers);
  return call(matmulQuads, buffers, { ...others, a_batch: a_batch / 4, b_batch: b_batch / 4 });
}
