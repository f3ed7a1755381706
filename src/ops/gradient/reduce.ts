// Gradients of reductions and of softmax functions.
import { intAttribute } from "../../graph/attribute.ts";
import type { Name } from "../../graph/graph.ts";
import { elementCount } from "../../tensor/shape.ts";
import type { GradientBuilder } from "../declare/builder.ts";

type Along = (builder: GradientBuilder, axes: readonly number[]) => void;

/** A reduction's result or gradient with the reduced axes of size 1. */
function keepAxes(builder: GradientBuilder, name: Name, axes: readonly number[]): Name {
  const { inputs: [x], outputs: [y] } = builder;
  return y.shape.length === x!.shape.length
    ? name
    : builder.reshape(name, x!.shape.map((dim, axis) => axes.includes(axis) ? 1 : dim));
}

const repeat = (builder: GradientBuilder, name: Name, axes: readonly number[]) =>
  builder.add("Expand", [keepAxes(builder, name, axes), builder.integers(builder.inputs[0]!.shape)]);

const byInput = (builder: GradientBuilder, axes: readonly number[], factor: number, input: Name) =>
  builder.add("Mul", [input, keepAxes(builder, builder.multiply(builder.gradients[0]!, factor), axes)]);

export const sumGradient: Along = (builder, axes) =>
  builder.give(0, repeat(builder, builder.gradients[0]!, axes));

export const meanGradient: Along = (builder, axes) => {
  const count = elementCount(axes.map((axis) => builder.inputs[0]!.shape[axis]));
  builder.give(0, repeat(builder, builder.multiply(builder.gradients[0]!, 1 / count), axes));
};

/** Elements equal to the result share its gradient. */
export const extremumGradient: Along = (builder, axes) => {
  const { inputs: [x], outputs: [y], gradients: [dy], add, give } = builder;
  const like = add("Equal", [x!.name, keepAxes(builder, y.name, axes)]);
  const chosen = add("Cast", [like], { to: intAttribute(1) });
  give(0, add("Mul", [chosen, add("Div", [keepAxes(builder, dy!, axes), builder.sum(chosen, axes, 1)])]));
};

export const sumOfSquaresGradient: Along = (builder, axes) =>
  builder.give(0, byInput(builder, axes, 2, builder.inputs[0]!.name));

export const l1Gradient: Along = (builder, axes) =>
  builder.give(0, byInput(builder, axes, 1, builder.add("Sign", [builder.inputs[0]!.name])));

export const l2Gradient: Along = (builder, axes) => {
  const { inputs: [x], outputs: [y], gradients: [dy], add, give } = builder;
  give(0, add("Mul", [x!.name, keepAxes(builder, add("Div", [dy!, y.name]), axes)]));
};

export const logSumExpGradient: Along = (builder, axes) => {
  const { inputs: [x], outputs: [y], gradients: [dy], add, give } = builder;
  const share = add("Exp", [add("Sub", [x!.name, keepAxes(builder, y.name, axes)])]);
  give(0, add("Mul", [share, keepAxes(builder, dy!, axes)]));
};

export const logSumGradient: Along = (builder, axes) => {
  const { outputs: [y], gradients: [dy], add, give } = builder;
  give(0, repeat(builder, add("Mul", [dy!, add("Exp", [add("Neg", [y.name])])]), axes));
};

/** y · (dy − Σ y · dy). */
export function softmaxGradient(builder: GradientBuilder, axis: number) {
  const { outputs: [y], gradients: [dy], add, give } = builder;
  const weighted = builder.sum(add("Mul", [dy!, y.name]), [axis], 1);
  give(0, add("Mul", [add("Sub", [dy!, weighted]), y.name]));
}

/** dy − eʸ · Σ dy. */
export function logSoftmaxGradient(builder: GradientBuilder, axis: number) {
  const { outputs: [y], gradients: [dy], add, give } = builder;
  give(0, add("Sub", [dy!, add("Mul", [add("Exp", [y.name]), builder.sum(dy!, [axis], 1)])]));
}
