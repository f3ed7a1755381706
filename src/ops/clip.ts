// Clip-11 and newer: bounds are inputs (older forms, with attributes, are upgraded on load). Constant bounds of floats
// are a clamp that its producer may do; others are a maximum and a minimum, so that min wins where they cross.
import type { StaticValue } from "../graph/graph.ts";
import { type Call, wordTypeOf } from "../kernels/kernel.ts";
import { numbers } from "../tensor/tensor.ts";
import { binaryCall } from "./binary.ts";
import { unlimited } from "./lowering/clamp.ts";
import { scalar } from "./drawing/drawing.ts";
import { wordsOf } from "./lowering/layout.ts";
import { op, type Operand } from "./declare/op.ts";
import { everyElement } from "./declare/rows.ts";
import type { GradientSketch } from "./drawing/sketch.ts";
import { isInteger, sameAsInput, unaryCall } from "./unary.ts";
import { unaryGradients } from "./halftone/unary_gradient.ts";

export const Clip = op({
  since: 11,
  layout: "any",
  types: "numbers",
  role: { kind: "follows" },
  rows: everyElement,
  infer: sameAsInput,
  gradient: clipGradient,
  lower({ inputs, outputs: [y], scratch }) {
    const [x, low, high] = inputs as [Operand, Operand | undefined, Operand | undefined];
    const bounds = constantBounds(inputs);
    if (bounds) return [unaryCall("clamp", x, y, bounds)];
    if (!low && !high) return [binaryCall("max", x, x, y)];
    const calls: Call[] = [];
    const raised = low && high ? { ...y, buffer: scratch(wordsOf(y), wordTypeOf(y.dtype)) } : y;
    if (low) calls.push(binaryCall("max", x, low, raised));
    if (high) calls.push(binaryCall("min", low ? raised : x, high, y));
    return calls;
  },
  clamp: (_, inputs) => constantBounds(inputs),
});

/** Bounds that are no constants get the gradient of what they hold. */
function clipGradient(sketch: GradientSketch) {
  const { inputs, gradients: [dy], add, give, wants } = sketch;
  const bounds = constantBounds(inputs);
  if (bounds && !wants(1) && !wants(2)) return unaryGradients("clamp", bounds)(sketch);
  const [x, low, high] = inputs.map((input) => input?.name);
  const none = scalar(sketch, 0);
  const above = high ? add("Greater", [low ? add("Max", [x!, low]) : x!, high]) : undefined;
  const below = low ? add("Less", [x!, low]) : undefined;
  const kept = above ? add("Where", [above, none, dy!]) : dy!;
  give(0, below ? add("Where", [below, none, kept]) : kept);
  if (wants(1) && below) give(1, add("Where", [below, kept, none]));
  if (wants(2) && above) give(2, add("Where", [above, dy!, none]));
}

function constantBounds([x, low, high]: readonly (StaticValue | undefined)[]): [number, number] | undefined {
  if ((x && isInteger(x)) || (low && !low.constant) || (high && !high.constant)) return undefined;
  const bound = (input: StaticValue | undefined, fallback: number) =>
    Math.min(Math.max(input?.constant ? numbers(input.constant)[0] : fallback, -unlimited), unlimited);
  return [bound(low, -unlimited), bound(high, unlimited)];
}
