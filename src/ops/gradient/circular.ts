// Gradients of trigonometric and hyperbolic functions, and of their inverses.
import type { Name } from "../../graph/graph.ts";
import type { Gradient, GradientBuilder } from "../declare/builder.ts";

/** ± dy · f(x). */
const times =
  (opType: string, sign: 1 | -1 = 1): Gradient => ({ inputs: [x], gradients: [dy], add, give }) => {
    const product = add("Mul", [dy!, add(opType, [x!.name])]);
    give(0, sign === 1 ? product : add("Neg", [product]));
  };

/** dy · (1 ± y²). */
const bySquare = (opType: "Add" | "Sub"): Gradient => (builder) => {
  const { outputs: [y], gradients: [dy], add, give } = builder;
  const squared = add("Mul", [dy!, add("Mul", [y.name, y.name])]);
  give(0, add(opType, [dy!, squared]));
};

/** dy / f(x²). */
const over =
  (of: (builder: GradientBuilder, square: Name) => Name, sign: 1 | -1 = 1): Gradient => (builder) => {
    const { inputs: [x], gradients: [dy], add, give } = builder;
    const quotient = add("Div", [dy!, of(builder, add("Mul", [x!.name, x!.name]))]);
    give(0, sign === 1 ? quotient : add("Neg", [quotient]));
  };

const less: Parameters<typeof over>[0] = (builder, square) => builder.add("Sub", [builder.scalar(1), square]);
const more: Parameters<typeof over>[0] = (builder, square) => builder.add("Add", [square, builder.scalar(1)]);
const beyond: Parameters<typeof over>[0] = (builder, square) =>
  builder.add("Sub", [square, builder.scalar(1)]);
const root = (of: typeof less): typeof less => (builder, square) =>
  builder.add("Sqrt", [of(builder, square)]);

export const circularGradients = {
  sin: times("Cos"),
  cos: times("Sin", -1),
  tan: bySquare("Add"),
  asin: over(root(less)),
  acos: over(root(less), -1),
  atan: over(more),
  sinh: times("Cosh"),
  cosh: times("Sinh"),
  asinh: over(root(more)),
  acosh: over(root(beyond)),
  atanh: over(less),
} satisfies Record<string, Gradient>;
