// Gradients of elementwise functions of two or more operands; `give` sums broadcast axes.
import type { Name } from "../../graph/graph.ts";
import { fromNumbers, numbers } from "../../tensor/tensor.ts";
import type { Gradient, GradientBuilder } from "../declare/builder.ts";

const namesIn = ({ inputs, outputs, gradients }: GradientBuilder) => ({
  a: inputs[0]!.name,
  b: inputs[1]?.name ?? "",
  y: outputs[0].name,
  dy: gradients[0]!,
});

export const addGradient: Gradient = (builder) =>
  builder.inputs.forEach((_, i) => builder.give(i, namesIn(builder).dy));

export const subGradient: Gradient = (builder) => {
  const { dy } = namesIn(builder);
  builder.give(0, dy);
  if (builder.wants(1)) builder.give(1, builder.add("Neg", [dy]));
};

export const mulGradient: Gradient = (builder) => {
  const { a, b, dy } = namesIn(builder);
  if (builder.wants(0)) builder.give(0, builder.add("Mul", [dy, b]));
  if (builder.wants(1)) builder.give(1, builder.add("Mul", [dy, a]));
};

export const divGradient: Gradient = (builder) => {
  const { b, y, dy } = namesIn(builder);
  const quotient = builder.add("Div", [dy, b]);
  builder.give(0, quotient);
  if (builder.wants(1)) builder.give(1, builder.add("Neg", [builder.add("Mul", [quotient, y])]));
};

export const preluGradient: Gradient = (builder) => {
  const { a, b, dy } = namesIn(builder);
  const { add, wants, give } = builder;
  const none = builder.scalar(0);
  const below = add("Less", [a, none]);
  if (wants(0)) give(0, add("Where", [below, add("Mul", [dy, b]), dy]));
  if (wants(1)) give(1, add("Where", [below, add("Mul", [dy, a]), none]));
};

/** x^b: b · x^(b − 1), and x^b · ln x, which is 0 for x ≤ 0. */
export const powGradient: Gradient = (builder) => {
  const { a, b, y, dy } = namesIn(builder);
  const { inputs: [, exponent], add, wants, give, constant } = builder;
  if (wants(0)) {
    const { constant: known } = exponent!;
    const less = known
      ? constant(fromNumbers("float32", known.shape, numbers(known).map((v) => v - 1)))
      : add("Sub", [b, builder.scalar(1)]);
    const factor = known ? constant(fromNumbers("float32", known.shape, numbers(known))) : b;
    give(0, add("Mul", [add("Mul", [dy, factor]), add("Pow", [a, less])]));
  }
  if (wants(1)) {
    const [none, one] = [builder.scalar(0), builder.scalar(1)];
    const above = add("Greater", [a, none]);
    const logarithm = add("Log", [add("Where", [above, a, one])]);
    give(1, add("Mul", [add("Mul", [dy, y]), logarithm]));
  }
};

/** Maxima and minima: operands equal to the result share its gradient. */
export const extremumGradient: Gradient = (builder) => {
  const { inputs, outputs: [y], gradients: [dy], add, give } = builder;
  const chosen = inputs.map((input): Name => {
    const like = add("Equal", [input!.name, y.name]);
    return add("Cast", [like], { to: { type: "int", value: 1n } });
  });
  const count = chosen.reduce((sum, one) => add("Add", [sum, one]));
  const share = add("Div", [dy!, count]);
  inputs.forEach((_, i) => give(i, add("Mul", [chosen[i], share])));
};

export const whereGradient: Gradient = (builder) => {
  const { inputs: [condition], gradients: [dy], add, wants, give } = builder;
  const none = builder.scalar(0);
  if (wants(1)) give(1, add("Where", [condition!.name, dy!, none]));
  if (wants(2)) give(2, add("Where", [condition!.name, none, dy!]));
};

/** Passes the gradient unchanged. */
export const passGradient: Gradient = ({ gradients: [dy], give }) => give(0, dy!);

/** Step functions have no gradient. */
export const noGradient: Gradient = () => {};
