// CumSum (ONNX CumSum-11 and newer).
import { intAttribute } from "../graph/attribute.ts";
import type { StaticValue } from "../graph/graph.ts";
import { cumulativeSum } from "../kernels/cumulative_sum.ts";
import { call, withElement, wordTypeOf } from "../kernels/kernel.ts";
import { elementCount, normalAxis } from "../tensor/shape.ts";
import { numbers } from "../tensor/tensor.ts";
import { constantInput, int, op, requireInput } from "./declare/op.ts";
import { before } from "./declare/part_axes.ts";

export const CumSum = op({
  since: 11,
  attributes: { exclusive: int(0), reverse: int(0) },
  types: "numbers",
  constantInputs: [1],
  role: { kind: "resists" },
  planning: { partAxes: (inputs) => before(axisOf(inputs)) },
  infer(inputs) {
    const { dtype, shape } = requireInput(inputs, 0);
    axisOf(inputs);
    return [{ dtype, shape }];
  },
  gradient({ inputs: [, axis], gradients: [dy], add, give }, a) {
    const back = { exclusive: intAttribute(a.exclusive), reverse: intAttribute(1 - a.reverse) };
    give(0, add("CumSum", [dy!, axis!.name], back));
  },
  lower({ inputs, outputs }, attributes) {
    const { buffer, dtype, shape } = inputs[0]!;
    const axis = axisOf(inputs);
    return [call(withElement(cumulativeSum, wordTypeOf(dtype)), { x: buffer, y: outputs[0].buffer }, {
      exclusive: attributes.exclusive,
      backwards: attributes.reverse,
      outer: elementCount(shape.slice(0, axis)),
      count: shape[axis],
      inner: elementCount(shape.slice(axis + 1)),
    })];
  },
});

function axisOf(inputs: readonly (StaticValue | undefined)[]): number {
  return normalAxis(numbers(constantInput(inputs, 1, "axes"))[0], inputs[0]!.shape.length);
}
