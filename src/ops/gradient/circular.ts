// Gradients of circular and hyperbolic functions, and of their inverses.
import type { Name } from "../../graph/graph.ts";
import { type Draw, scalar } from "../drawing/drawing.ts";
import type { GradientSketch } from "../drawing/sketch.ts";

/** dy times another function of x, with a sign. */
const times = (opType: string, sign: 1 | -1 = 1): Draw => ({ inputs: [x], gradients: [dy], add, give }) => {
  const product = add("Mul", [dy!, add(opType, [x!.name])]);
  give(0, sign === 1 ? product : add("Neg", [product]));
};

/** dy · (1 ± y²). */
const bySquare = (opType: "Add" | "Sub"): Draw => (sketch) => {
  const { outputs: [y], gradients: [dy], add, give } = sketch;
  const squared = add("Mul", [dy!, add("Mul", [y.name, y.name])]);
  give(0, add(opType, [dy!, squared]));
};

/** dy over a function of x². */
const over = (of: (sketch: GradientSketch, square: Name) => Name, sign: 1 | -1 = 1): Draw => (sketch) => {
  const { inputs: [x], gradients: [dy], add, give } = sketch;
  const quotient = add("Div", [dy!, of(sketch, add("Mul", [x!.name, x!.name]))]);
  give(0, sign === 1 ? quotient : add("Neg", [quotient]));
};

const less: Parameters<typeof over>[0] = (sketch, square) => sketch.add("Sub", [scalar(sketch, 1), square]);
const more: Parameters<typeof over>[0] = (sketch, square) => sketch.add("Add", [square, scalar(sketch, 1)]);
const beyond: Parameters<typeof over>[0] = (sketch, square) => sketch.add("Sub", [square, scalar(sketch, 1)]);
const root = (of: typeof less): typeof less => (sketch, square) => sketch.add("Sqrt", [of(sketch, square)]);

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
} satisfies Record<string, Draw>;
