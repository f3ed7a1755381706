// Transpose (ONNX Transpose-1 and newer): a strided copy.
import { ModelError } from "../error.ts";
import { copyCalls } from "../kernels/copy_strided.ts";
import { stridesOf } from "../tensor/shape.ts";
import { transposeGradient } from "./gradient/moving.ts";
import { ints, op, type Operand, optional, requireInput } from "./declare/op.ts";
import { beforeFirst } from "./declare/part_axes.ts";

export const Transpose = op({
  attributes: { perm: optional(ints) },
  role: { kind: "carries" },
  types: "all",
  planning: {
    partAxes: ([x], _, { perm }) =>
      beforeFirst(x!.shape, (axis) => orderOf(perm, x!.shape.length)[axis] === axis),
  },
  infer(inputs, a) {
    const { dtype, shape } = requireInput(inputs, 0);
    if (a.perm && [...a.perm].sort((x, y) => x - y).join() !== [...shape.keys()].join()) {
      throw new ModelError(`Cannot transpose [${shape}]: perm is [${a.perm}], expected each axis once`);
    }
    return [{ dtype, shape: orderOf(a.perm, shape.length).map((axis) => shape[axis]) }];
  },
  gradient: (builder, { perm }) => transposeGradient(builder, orderOf(perm, builder.inputs[0]!.shape.length)),
  lower({ inputs, outputs }, attributes) {
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
    return copyCalls(x, y.buffer, axes);
  },
});

function orderOf(perm: readonly number[] | undefined, rank: number): number[] {
  return perm ? [...perm] : Array.from({ length: rank }, (_, i) => rank - 1 - i);
}
