// Det (ONNX 11 and newer): determinants of the matrices in the last two axes.
import { ModelError } from "../error.ts";
import { determinant } from "../kernels/determinant.ts";
import { call } from "../kernels/kernel.ts";
import { elementCount } from "../tensor/shape.ts";
import { op, requireInput } from "./declare/op.ts";

export const Det = op({
  since: 11,
  role: { kind: "resists" },
  infer(inputs) {
    const { dtype, shape } = requireInput(inputs, 0);
    if (shape.length < 2 || shape.at(-1) !== shape.at(-2)) {
      throw new ModelError(`Cannot find the determinant of [${shape}]: expected square matrices`);
    }
    return [{ dtype, shape: shape.slice(0, -2) }];
  },
  lower({ inputs, outputs: [y], scratch }) {
    const { buffer: x, shape } = inputs[0]!;
    const buffers = { x, work: scratch(elementCount(shape)), y: y.buffer };
    return [call(determinant, buffers, { matrices: elementCount(y.shape), size: shape.at(-1)! })];
  },
});
