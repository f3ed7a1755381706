// Broadcasting for kernels with six dimensions: neighboring axes that all operands step alike are joined, so that
// tensors of any rank usually fit.
import { UnsupportedError } from "../../error.ts";
import { type Shape, stridesOf } from "../../tensor/shape.ts";
import { wordsOf } from "./layout.ts";
import type { Operand } from "../declare/op.ts";

type Axis = { count: number; readonly strides: number[] };

/** count, dim1…dim5, and the strides of each operand by its letter. */
export function broadcastNumbers(
  operands: Readonly<Record<string, Operand>>,
  y: Pick<Operand, "shape" | "layout">,
): Record<string, number> {
  const axes = axesOf(Object.values(operands), y);
  if (axes.length > 6) {
    const shapes = Object.values(operands).map(({ shape }) => `[${shape}]`);
    throw new UnsupportedError(
      `Cannot broadcast ${
        shapes.join(" with ")
      }: they change places ${axes.length} times, expected at most 6`,
    );
  }
  const numbers: Record<string, number> = { count: wordsOf(y) };
  for (let i = 0; i < 6; i++) {
    const axis = axes.at(i - 6);
    if (i > 0) numbers[`dim${i}`] = axis?.count ?? 1;
    Object.keys(operands).forEach((letter, k) => numbers[letter + i] = axis?.strides[k] ?? 0);
  }
  return numbers;
}

function axesOf(operands: readonly Operand[], y: Pick<Operand, "shape" | "layout">): Axis[] {
  // Channels last, operands have the result's shape or one element: their words are a flat list.
  if (y.layout === "channels_last") {
    return [{ count: wordsOf(y), strides: operands.map(({ layout }) => Number(layout === y.layout)) }];
  }
  const strides = operands.map(({ shape }) => stridesTo(shape, y.shape.length));
  const axes: Axis[] = [];
  y.shape.forEach((count, axis) => {
    if (count === 1) return;
    const own = strides.map((list) => list[axis]);
    const outer = axes.at(-1);
    if (outer && own.every((stride, k) => outer.strides[k] === stride * count)) {
      axes[axes.length - 1] = { count: outer.count * count, strides: own };
    } else axes.push({ count, strides: own });
  });
  return axes;
}

/** Strides by axis of the result; 0 where the operand is broadcast. */
function stridesTo(shape: Shape, rank: number): number[] {
  const own = stridesOf(shape).map((stride, axis) => shape[axis] === 1 ? 0 : stride);
  return [...new Array<number>(rank - shape.length).fill(0), ...own];
}
