// Gradients of reductions and of what normalizes by them.
import { intAttribute } from "../../graph/attribute.ts";
import type { Name } from "../../graph/graph.ts";
import { elementCount } from "../../tensor/shape.ts";
import { reshape, sum, times, wholes } from "../drawing/drawing.ts";
import type { GradientSketch } from "../drawing/sketch.ts";

type Along = (sketch: GradientSketch, axes: readonly number[]) => void;

/** A reduction's result or gradient, with the axes that are gone as 1. */
function kept(sketch: GradientSketch, name: Name, axes: readonly number[]): Name {
  const { inputs: [x], outputs: [y] } = sketch;
  return y.shape.length === x!.shape.length
    ? name
    : reshape(sketch, name, x!.shape.map((dim, axis) => axes.includes(axis) ? 1 : dim));
}

const repeated = (sketch: GradientSketch, name: Name, axes: readonly number[]) =>
  sketch.add("Expand", [kept(sketch, name, axes), wholes(sketch, sketch.inputs[0]!.shape)]);

const byInput = (sketch: GradientSketch, axes: readonly number[], factor: number, input: Name) =>
  sketch.add("Mul", [input, kept(sketch, times(sketch, sketch.gradients[0]!, factor), axes)]);

export const sumGradient: Along = (sketch, axes) =>
  sketch.give(0, repeated(sketch, sketch.gradients[0]!, axes));

export const meanGradient: Along = (sketch, axes) => {
  const count = elementCount(axes.map((axis) => sketch.inputs[0]!.shape[axis]));
  sketch.give(0, repeated(sketch, times(sketch, sketch.gradients[0]!, 1 / count), axes));
};

/** The elements that are the result share its gradient. */
export const chosenGradient: Along = (sketch, axes) => {
  const { inputs: [x], outputs: [y], gradients: [dy], add, give } = sketch;
  const like = add("Equal", [x!.name, kept(sketch, y.name, axes)]);
  const chosen = add("Cast", [like], { to: intAttribute(1) });
  give(0, add("Mul", [chosen, add("Div", [kept(sketch, dy!, axes), sum(sketch, chosen, axes, 1)])]));
};

export const sumOfSquaresGradient: Along = (sketch, axes) =>
  sketch.give(0, byInput(sketch, axes, 2, sketch.inputs[0]!.name));

export const l1Gradient: Along = (sketch, axes) =>
  sketch.give(0, byInput(sketch, axes, 1, sketch.add("Sign", [sketch.inputs[0]!.name])));

export const l2Gradient: Along = (sketch, axes) => {
  const { inputs: [x], outputs: [y], gradients: [dy], add, give } = sketch;
  give(0, add("Mul", [x!.name, kept(sketch, add("Div", [dy!, y.name]), axes)]));
};

export const logSumExpGradient: Along = (sketch, axes) => {
  const { inputs: [x], outputs: [y], gradients: [dy], add, give } = sketch;
  const share = add("Exp", [add("Sub", [x!.name, kept(sketch, y.name, axes)])]);
  give(0, add("Mul", [share, kept(sketch, dy!, axes)]));
};

export const logSumGradient: Along = (sketch, axes) => {
  const { outputs: [y], gradients: [dy], add, give } = sketch;
  give(0, repeated(sketch, add("Mul", [dy!, add("Exp", [add("Neg", [y.name])])]), axes));
};

/** y · (dy − Σ y · dy). */
export function softmaxGradient(sketch: GradientSketch, axis: number) {
  const { outputs: [y], gradients: [dy], add, give } = sketch;
  const weighted = sum(sketch, add("Mul", [dy!, y.name]), [axis], 1);
  give(0, add("Mul", [add("Sub", [dy!, weighted]), y.name]));
}

/** dy − eʸ · Σ dy. */
export function logSoftmaxGradient(sketch: GradientSketch, axis: number) {
  const { outputs: [y], gradients: [dy], add, give } = sketch;
  give(0, add("Sub", [dy!, add("Mul", [add("Exp", [y.name]), sum(sketch, dy!, [axis], 1)])]));
}
