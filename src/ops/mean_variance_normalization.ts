// Normalizations that expand to simpler operators: MeanVarianceNormalization (ONNX 9 and newer) and LpNormalization
// (1 and newer).
import { intAttribute, intsAttribute } from "../graph/attribute.ts";
import type { StaticValue } from "../graph/graph.ts";
import { tensor } from "../tensor/tensor.ts";
import { int, ints, op, requireInput } from "./declare/op.ts";

function sameAsInput(inputs: readonly (StaticValue | undefined)[]): StaticValue[] {
  const { dtype, shape } = requireInput(inputs, 0);
  return [{ dtype, shape }];
}

/** Dividing by it gives zero. */
const largest = 3.4028234663852886e38;

const scalar = (value: number) => tensor("float32", [], [value]);

/** y = (x − mean) / (√variance + 1e-9), as in ONNX's function body. */
export const MeanVarianceNormalization = op({
  since: 9,
  attributes: { axes: ints([0, 2, 3]) },
  runtime: {
    // ONNX Runtime expands it to a Pow by a float32 exponent.
    float32Only: () => true,
  },
  role: { kind: "resists" },
  infer: sameAsInput,
  expand({ inputs, outputs, add, constant }, a) {
    const x = inputs[0]!.name;
    // The default is meant for images; with fewer axes ONNX Runtime takes those that exist.
    const axes = { axes: intsAttribute(a.axes.filter((axis) => axis < inputs[0]!.shape.length)) };
    const centered = add("Sub", [x, add("ReduceMean", [x], axes)]);
    const variance = add("ReduceMean", [add("Mul", [centered, centered])], axes);
    const deviation = add("Add", [add("Sqrt", [variance]), constant(scalar(1e-9))]);
    add("Div", [centered, deviation], {}, outputs);
  },
});

/** y = x / norm along one axis; if the norm is zero or underflows, the result is zero. */
export const LpNormalization = op({
  attributes: { axis: int(-1), p: int(2) },
  role: { kind: "resists" },
  infer: sameAsInput,
  expand({ inputs, outputs, add, constant }, a) {
    const x = inputs[0]!.name;
    const norm = add(a.p === 1 ? "ReduceL1" : "ReduceL2", [x], {
      axes: intsAttribute([a.axis]),
      keepdims: intAttribute(1),
    });
    const [zero, most] = [constant(scalar(0)), constant(scalar(largest))];
    add("Div", [x, add("Where", [add("Equal", [norm, zero]), most, norm])], {}, outputs);
  },
});
