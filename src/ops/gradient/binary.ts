// Gradients of elementwise functions of two and more operands; what broadcasting repeats is summed where they are given.
import type { Name } from "../../graph/graph.ts";
import { fromNumbers, numbers } from "../../tensor/tensor.ts";
import { type Draw, scalar } from "../drawing/drawing.ts";
import type { GradientSketch } from "../drawing/sketch.ts";

const namesIn = ({ inputs, outputs, gradients }: GradientSketch) => ({
  a: inputs[0]!.name,
  b: inputs[1]?.name ?? "",
  y: outputs[0].name,
  dy: gradients[0]!,
});

export const addGradient: Draw = (sketch) =>
  sketch.inputs.forEach((_, i) => sketch.give(i, namesIn(sketch).dy));

export const subGradient: Draw = (sketch) => {
  const { dy } = namesIn(sketch);
  sketch.give(0, dy);
  if (sketch.wants(1)) sketch.give(1, sketch.add("Neg", [dy]));
};

export const mulGradient: Draw = (sketch) => {
  const { a, b, dy } = namesIn(sketch);
  if (sketch.wants(0)) sketch.give(0, sketch.add("Mul", [dy, b]));
  if (sketch.wants(1)) sketch.give(1, sketch.add("Mul", [dy, a]));
};

export const divGradient: Draw = (sketch) => {
  const { b, y, dy } = namesIn(sketch);
  const quotient = sketch.add("Div", [dy, b]);
  sketch.give(0, quotient);
  if (sketch.wants(1)) sketch.give(1, sketch.add("Neg", [sketch.add("Mul", [quotient, y])]));
};

export const preluGradient: Draw = (sketch) => {
  const { a, b, dy } = namesIn(sketch);
  const { add, wants, give } = sketch;
  const none = scalar(sketch, 0);
  const below = add("Less", [a, none]);
  if (wants(0)) give(0, add("Where", [below, add("Mul", [dy, b]), dy]));
  if (wants(1)) give(1, add("Where", [below, add("Mul", [dy, a]), none]));
};

/** x^b: b · x^(b − 1) and x^b · ln x, which is 0 where x is 0 or less. */
export const powGradient: Draw = (sketch) => {
  const { a, b, y, dy } = namesIn(sketch);
  const { inputs: [, exponent], add, wants, give, constant } = sketch;
  if (wants(0)) {
    const { constant: known } = exponent!;
    const less = known
      ? constant(fromNumbers("float32", known.shape, numbers(known).map((v) => v - 1)))
      : add("Sub", [b, scalar(sketch, 1)]);
    const factor = known ? constant(fromNumbers("float32", known.shape, numbers(known))) : b;
    give(0, add("Mul", [add("Mul", [dy, factor]), add("Pow", [a, less])]));
  }
  if (wants(1)) {
    const [none, one] = [scalar(sketch, 0), scalar(sketch, 1)];
    const above = add("Greater", [a, none]);
    const logarithm = add("Log", [add("Where", [above, a, one])]);
    give(1, add("Mul", [add("Mul", [dy, y]), logarithm]));
  }
};

/** Maxima and minima: the operands that are the result share its gradient. */
export const chosenGradient: Draw = (sketch) => {
  const { inputs, outputs: [y], gradients: [dy], add, give } = sketch;
  const chosen = inputs.map((input): Name => {
    const like = add("Equal", [input!.name, y.name]);
    return add("Cast", [like], { to: { type: "int", value: 1n } });
  });
  const count = chosen.reduce((sum, one) => add("Add", [sum, one]));
  const share = add("Div", [dy!, count]);
  inputs.forEach((_, i) => give(i, add("Mul", [chosen[i], share])));
};

export const whereGradient: Draw = (sketch) => {
  const { inputs: [condition], gradients: [dy], add, wants, give } = sketch;
  const none = scalar(sketch, 0);
  if (wants(1)) give(1, add("Where", [condition!.name, dy!, none]));
  if (wants(2)) give(2, add("Where", [condition!.name, none, dy!]));
};

/** The gradient goes through as it is. */
export const passed: Draw = ({ gradients: [dy], give }) => give(0, dy!);

/** Steps have no slope. */
export const still: Draw = () => {};
