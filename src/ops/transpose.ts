// Transpose (ONNX Transpose-1 and newer): a strided copy.
import { copyNumbers, copyStrided } from "../kernels/copy_strided.ts";
import { call } from "../kernels/kernel.ts";
import { stridesOf } from "../tensor/shape.ts";
import { ints, op, type Operand, optional, required } from "./op.ts";

export const Transpose = op({
  attributes: { perm: optional(ints) },
  role: { kind: "carries" },
  infer(inputs, a, node) {
    const { dtype, shape } = required(inputs, 0, node);
    return [{ dtype, shape: orderOf(a.perm, shape.length).map((axis) => shape[axis]) }];
  },
  lower({ inputs, outputs, attributes }) {
    const x = inputs[0] as Operand;
    const [y] = outputs;
    const inStrides = stridesOf(x.shape);
    const outStrides = stridesOf(y.shape);
    const order = orderOf(attributes.perm, x.shape.length);
    const axes = order.map((axis, i) => ({
      count: y.shape[i],
      inStride: inStrides[axis],
      outStride: outStrides[i],
    }));
    return [call(copyStrided, { x: x.buffer, y: y.buffer }, copyNumbers(axes))];
  },
});

function orderOf(perm: readonly number[] | undefined, rank: number): number[] {
  return perm ? [...perm] : Array.from({ length: rank }, (_, i) => rank - 1 - i);
}
