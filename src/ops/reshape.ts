// Operators that only change the shape: Reshape-5, Flatten, Squeeze-13, Unsqueeze-13, Identity. Their output is their
// input's buffer. Older Squeeze and Unsqueeze, with attributes, are upgraded on load.
import { ModelError } from "../error.ts";
import { distinctAxes, elementCount, type Shape } from "../tensor/shape.ts";
import { numbers } from "../tensor/tensor.ts";
import type { Gradient } from "./declare/builder.ts";
import { passGradient } from "./gradient/binary.ts";
import { constantInput, int, op, requireInput } from "./declare/op.ts";
import type { Role } from "./declare/role.ts";

const carries: Role = { kind: "carries" };
const reshapeBack: Gradient = (builder) =>
  builder.give(0, builder.reshape(builder.gradients[0]!, builder.inputs[0]!.shape));

export const Reshape = op({
  since: 5,
  attributes: { allowzero: int(0) },
  constantInputs: [1],
  types: "all",
  role: carries,
  planning: { views: true },
  gradient: reshapeBack,
  infer(inputs, a) {
    const { dtype, shape } = requireInput(inputs, 0);
    const asked = numbers(constantInput(inputs, 1, "target shapes"));
    return [{ dtype, shape: reshapedShape(shape, asked, a.allowzero === 1) }];
  },
});

function reshapedShape(from: Shape, asked: readonly number[], zeroIsZero: boolean): number[] {
  const shape = asked.map((dim, i) => dim === 0 && !zeroIsZero ? from[i] : dim);
  const rest = shape.filter((dim) => dim !== -1).reduce((product, dim) => product * dim, 1);
  const result = shape.map((dim) => dim === -1 ? elementCount(from) / rest : dim);
  if (
    elementCount(result) !== elementCount(from) || result.some((dim) => !Number.isInteger(dim) || dim < 0)
  ) {
    throw new ModelError(`Cannot reshape [${from}] to [${asked}]: ${elementCount(from)} elements do not fit`);
  }
  return result;
}

export const Flatten = op({
  attributes: { axis: int(1) },
  types: "all",
  role: carries,
  planning: { views: true },
  gradient: reshapeBack,
  infer(inputs, a) {
    const { dtype, shape } = requireInput(inputs, 0);
    const axis = a.axis < 0 ? a.axis + shape.length : a.axis;
    return [{ dtype, shape: [elementCount(shape.slice(0, axis)), elementCount(shape.slice(axis))] }];
  },
});

export const Squeeze = op({
  since: 13,
  constantInputs: [1],
  types: "all",
  role: carries,
  planning: { views: true },
  gradient: reshapeBack,
  infer(inputs) {
    const { dtype, shape } = requireInput(inputs, 0);
    // ONNX Runtime treats an empty list of axes as absent.
    const listed = inputs[1] ? numbers(constantInput(inputs, 1, "axes")) : [];
    const axes = distinctAxes(listed, shape.length);
    const long = axes.find((axis) => shape[axis] !== 1);
    if (long !== undefined) {
      throw new ModelError(`Cannot squeeze [${shape}]: axis ${long} has ${shape[long]} elements, expected 1`);
    }
    return [{ dtype, shape: shape.filter((dim, i) => axes.length > 0 ? !axes.includes(i) : dim !== 1) }];
  },
});

export const Unsqueeze = op({
  since: 13,
  constantInputs: [1],
  types: "all",
  role: carries,
  planning: { views: true },
  gradient: reshapeBack,
  infer(inputs) {
    const { dtype, shape } = requireInput(inputs, 0);
    const axes = numbers(constantInput(inputs, 1, "axes"));
    const rank = shape.length + axes.length;
    const added = new Set(distinctAxes(axes, rank));
    const rest = shape.values();
    return [{ dtype, shape: Array.from({ length: rank }, (_, i) => added.has(i) ? 1 : rest.next().value!) }];
  },
});

export const Identity = op({
  types: "all",
  role: carries,
  planning: { layout: "any", views: true },
  gradient: passGradient,
  infer(inputs) {
    const { dtype, shape } = requireInput(inputs, 0);
    return [{ dtype, shape }];
  },
});
