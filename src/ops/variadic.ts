// Sum, Max, Min and Mean of one or more operands, with ONNX broadcasting, two at a time.
import { ModelError } from "../error.ts";
import type { StaticValue } from "../graph/graph.ts";
import type { BinaryKind } from "../kernels/binary.ts";
import type { BinaryIntegerKind } from "../kernels/binary_integer.ts";
import { type Call, wordTypeOf } from "../kernels/kernel.ts";
import { broadcastShapes, elementCount, type Shape } from "../tensor/shape.ts";
import { fromNumbers } from "../tensor/tensor.ts";
import { binaryCall } from "./binary.ts";
import type { Gradient } from "./declare/builder.ts";
import { addGradient, extremumGradient } from "./gradient/binary.ts";
import { clampAttributes, clampNumbers } from "./lowering/clamp.ts";
import { wordsOf } from "./lowering/layout.ts";
import { op, type Operand, requireInput, type Scratch } from "./declare/op.ts";
import type { Role } from "./declare/role.ts";
import { everyElement } from "./declare/part_axes.ts";

function together(inputs: readonly (StaticValue | undefined)[]): StaticValue[] {
  if (inputs.length === 0) {
    throw new ModelError("Cannot infer shapes: there is no input, expected one or more");
  }
  const shapes = inputs.map((_, i): Shape => requireInput(inputs, i).shape);
  return [{ dtype: inputs[0]!.dtype, shape: shapes.reduce(broadcastShapes) }];
}

function variadic(kind: BinaryKind & BinaryIntegerKind, role: Role, gradient: Gradient) {
  return op({
    since: 8,
    attributes: clampAttributes,
    planning: { layout: "follow", fusesClamp: true, partAxes: everyElement },
    types: "numbers",
    role,
    infer: together,
    gradient,
    lower({ inputs, outputs: [y], scratch }, attributes) {
      const [first, ...others] = inputs as Operand[];
      const limits = clampNumbers(attributes);
      // The maximum of an operand and itself is a copy with a clamp.
      if (others.length === 0) return [binaryCall("max", first, first, y, limits)];
      const calls: Call[] = [];
      others.reduce((left, right, i) => {
        const last = i === others.length - 1;
        const result = last ? y : partial(y, left, right, scratch);
        calls.push(binaryCall(kind, left, right, result, last ? limits : undefined));
        return result;
      }, first);
      return calls;
    },
  });
}

/** An intermediate result of two operands, in a scratch buffer. */
function partial(y: Operand, left: Operand, right: Operand, scratch: Scratch): Operand {
  const shape = broadcastShapes(left.shape, right.shape);
  // Channels last, operands have the result's shape or one element, which has no padding.
  const layout = elementCount(shape) === 1 ? "plain" : y.layout;
  const result: Operand = { ...y, shape, layout };
  return { ...result, buffer: scratch(wordsOf(result), wordTypeOf(y.dtype)) };
}

const resists: Role = { kind: "resists" };

export const Sum = variadic("add", { kind: "joins" }, addGradient);
export const Max = variadic("max", resists, extremumGradient);
export const Min = variadic("min", resists, extremumGradient);

export const Mean = op({
  since: 8,
  role: resists,
  infer: together,
  expand({ inputs, outputs, add, constant }) {
    const sum = add("Sum", inputs.map((input) => input!.name));
    const count = constant(fromNumbers(inputs[0]!.dtype, [], [inputs.length]));
    add("Div", [sum, count], {}, outputs);
  },
});
