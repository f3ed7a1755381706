// Clip-11 and newer: bounds are inputs (older forms, with attributes, are upgraded on load). Constant float bounds
// are a clamp that the producer may fuse; others are a maximum, then a minimum, so that min wins where they cross.
import type { StaticValue } from "../graph/graph.ts";
import { type Call, wordTypeOf } from "../kernels/kernel.ts";
import { numbers } from "../tensor/tensor.ts";
import { binaryCall } from "./binary.ts";
import type { GradientBuilder } from "./declare/builder.ts";
import { unlimited } from "./lowering/clamp.ts";
import { wordsOf } from "./lowering/layout.ts";
import { op, type Operand } from "./declare/op.ts";
import { everyElement } from "./declare/part_axes.ts";
import { isInteger, sameAsInput, unaryCall } from "./unary.ts";
import { unaryGradients } from "./halftone/unary_gradient.ts";

export const Clip = op({
  since: 11,
  planning: { layout: "any", partAxes: everyElement },
  types: "numbers",
  role: { kind: "follows" },
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
  algebra: { clamp: constantBounds },
});

/** Bounds that are not constant get the gradient of the elements that they clamp. */
function clipGradient(builder: GradientBuilder) {
  const { inputs, gradients: [dy], add, give, wants } = builder;
  const bounds = constantBounds(inputs);
  if (bounds && !wants(1) && !wants(2)) return unaryGradients("clamp", bounds)(builder);
  const [x, low, high] = inputs.map((input) => input?.name);
  const none = builder.scalar(0);
  const above = high ? add("Greater", [low ? add("Max", [x!, low]) : x!, high]) : undefined;
  const below = low ? add("Less", [x!, low]) : undefined;
  const kept = above ? add("Where", [above, none, dy!]) : dy!;
  give(0, below ? add("Where", [below, none, kept]) : kept);
  if (wants(1) && below) give(1, add("Where", [below, kept, none]));
  if (wants(2) && above) give(2, add("Where", [above, dy!, none]));
}

function constantBounds([x, low, high]: readonly (StaticValue | undefined)[]): [number, number] | undefined {
  if ((x && isInteger(x)) || (low && !low.constant) || (high && !high.constant)) return undefined;
  const constantOf = (input: StaticValue | undefined, fallback: number) =>
    Math.min(Math.max(input?.constant ? numbers(input.constant)[0] : fallback, -unlimited), unlimited);
  return [constantOf(low, -unlimited), constantOf(high, unlimited)];
}
