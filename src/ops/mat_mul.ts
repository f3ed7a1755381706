// MatMul (ONNX MatMul-1 and newer): batched matrix product as NumPy's matmul. Batches are equal or one side has none.
import { ModelError, UnsupportedError } from "../error.ts";
import { call } from "../kernels/kernel.ts";
import { matmul } from "../kernels/matmul.ts";
import { broadcastShapes, elementCount, sameShape, type Shape } from "../tensor/shape.ts";
import { clampAttributes, clampNumbers } from "./clamp.ts";
import { productOnCodes } from "./on_codes.ts";
import { op, type Operand, required } from "./op.ts";

export const MatMul = op({
  attributes: clampAttributes,
  clampable: true,
  role: { kind: "computes", weight: 1, axis: (_, rank) => rank - 1, moments: () => "ProductMoments" },
  onCodes: productOnCodes("QLinearMatMul"),
  infer(inputs) {
    const [a, b] = [required(inputs, 0), required(inputs, 1)];
    const [left, right] = matrices(a.shape, b.shape);
    if (left.at(-1) !== right.at(-2)) {
      throw new ModelError(
        `Cannot multiply [${a.shape}] by [${b.shape}]: depths are ${left.at(-1)} and ${right.at(-2)}`,
      );
    }
    const shape = [...broadcastShapes(left.slice(0, -2), right.slice(0, -2)), left.at(-2)!, right.at(-1)!];
    if (a.shape.length === 1) shape.splice(-2, 1);
    if (b.shape.length === 1) shape.pop();
    return [{ dtype: a.dtype, shape }];
  },
  lower({ inputs, outputs, attributes }) {
    const [a, b] = inputs as Operand[];
    const [left, right] = matrices(a.shape, b.shape);
    const [batchesA, batchesB] = [left.slice(0, -2), right.slice(0, -2)];
    const [countA, countB] = [elementCount(batchesA), elementCount(batchesB)];
    if (countA > 1 && countB > 1 && !sameShape(batchesA, batchesB)) {
      throw new UnsupportedError(
        `Cannot multiply batches [${batchesA}] and [${batchesB}]: expected equal ones`,
      );
    }
    const [rows, depth] = left.slice(-2);
    const columns = right.at(-1)!;
    return [call(matmul, { a: a.buffer, b: b.buffer, y: outputs[0].buffer }, {
      batch: Math.max(countA, countB),
      rows,
      columns,
      depth,
      a_batch: countA > 1 ? rows * depth : 0,
      a_row: depth,
      a_depth: 1,
      b_batch: countB > 1 ? depth * columns : 0,
      b_depth: columns,
      b_column: 1,
      bias_row: 0,
      bias_column: 0,
      alpha: 1,
      beta: 0,
      ...clampNumbers(attributes),
    })];
  },
});

function matrices(a: Shape, b: Shape): [Shape, Shape] {
  return [a.length === 1 ? [1, ...a] : a, b.length === 1 ? [...b, 1] : b];
}
