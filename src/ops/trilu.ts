// Trilu (ONNX Trilu-14 and newer): the upper or lower triangle of matrices.
import { ModelError } from "../error.ts";
import { intAttribute } from "../graph/attribute.ts";
import { call, withElement, wordTypeOf } from "../kernels/kernel.ts";
import { triangle } from "../kernels/triangle.ts";
import { elementCount } from "../tensor/shape.ts";
import { numbers } from "../tensor/tensor.ts";
import { constantInput, int, op, requireInput } from "./declare/op.ts";
import { before } from "./declare/part_axes.ts";

export const Trilu = op({
  since: 14,
  attributes: { upper: int(1) },
  types: "all",
  constantInputs: [1],
  role: { kind: "carries", brings: () => 0 },
  quantization: {
    // Outside the triangle the result is zero, which need not have the code 0.
    onCodes: () => undefined,
  },
  planning: { partAxes: ([x]) => before(x!.shape.length - 2) },
  infer(inputs) {
    const { dtype, shape } = requireInput(inputs, 0);
    if (shape.length >= 2) return [{ dtype, shape }];
    throw new ModelError(
      `Cannot take a triangle of [${shape}]: its rank is ${shape.length}, expected 2 or more`,
    );
  },
  gradient({ inputs: [, diagonal], gradients: [dy], add, give }, { upper }) {
    give(0, add("Trilu", [dy!, ...(diagonal ? [diagonal.name] : [])], { upper: intAttribute(upper) }));
  },
  lower({ inputs, outputs }, attributes) {
    const { buffer, dtype, shape } = inputs[0]!;
    const [rows, columns] = shape.slice(-2);
    const given = inputs[1] ? numbers(constantInput(inputs, 1, "diagonals"))[0] : 0;
    return [call(withElement(triangle, wordTypeOf(dtype)), { x: buffer, y: outputs[0].buffer }, {
      upper: attributes.upper,
      count: elementCount(shape),
      rows,
      columns,
      // Beyond these diagonals all results are alike.
      shift: Math.min(Math.max(given, -rows - 1), columns + 1),
    })];
  },
});
