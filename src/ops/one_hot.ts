// OneHot (ONNX OneHot-9 and newer), expands to comparisons with 0, 1, … and, since negative indices count from the
// end, with the same minus the depth.
import { ModelError } from "../error.ts";
import type { StaticValue } from "../graph/graph.ts";
import { normalAxis } from "../tensor/shape.ts";
import { numbers, tensor } from "../tensor/tensor.ts";
import { hostElements } from "./lowering/host_limit.ts";
import { constantInput, int, op, requireInput } from "./declare/op.ts";

export const OneHot = op({
  since: 9,
  attributes: { axis: int(-1) },
  types: "numbers",
  constantInputs: [1],
  role: { kind: "resists" },
  infer(inputs, a) {
    const { shape } = requireInput(inputs, 0);
    const values = requireInput(inputs, 2);
    const axis = normalAxis(a.axis, shape.length + 1);
    return [{ dtype: values.dtype, shape: shape.toSpliced(axis, 0, depthOf(inputs)) }];
  },
  expand({ inputs, outputs, add, constant, integers }, a) {
    const [indices, , values] = inputs;
    const depth = depthOf(inputs);
    const { dtype, shape } = indices!;
    const axis = normalAxis(a.axis, shape.length + 1);
    const column = Array.from({ length: shape.length + 1 }, (_, i) => i === axis ? depth : 1);
    const places = (first: number) =>
      constant(
        tensor(
          dtype as "float32",
          column,
          Array.from({ length: hostElements([depth]) }, (_, i) => first + i),
        ),
      );
    const index = add("Unsqueeze", [indices!.name, integers([axis])]);
    const counted = add("Equal", [index, places(0)]);
    const isHot = dtype.startsWith("u")
      ? counted
      : add("Or", [counted, add("Equal", [index, places(-depth)])]);
    const value = (i: number) => add("Slice", [values!.name, integers([i]), integers([i + 1])]);
    add("Where", [isHot, value(1), value(0)], {}, outputs);
  },
});

function depthOf(inputs: readonly (StaticValue | undefined)[]): number {
  const depth = Math.trunc(numbers(constantInput(inputs, 1, "depths"))[0]);
  if (depth > 0) return depth;
  throw new ModelError(`Cannot make one-hot vectors: their depth is ${depth}, expected 1 or more`);
}
