// Gradients of operators that move elements: their way back.
import { UnsupportedError } from "../../error.ts";
import { intAttribute, textAttribute } from "../../graph/attribute.ts";
import type { Attribute, Name } from "../../graph/graph.ts";
import type { Shape } from "../../tensor/shape.ts";
import { type Draw, reshape, scalar, sum, transpose, wholes } from "../drawing/drawing.ts";
import type { GradientSketch } from "../drawing/sketch.ts";

export function transposeGradient(sketch: GradientSketch, order: readonly number[]) {
  sketch.give(0, transpose(sketch, sketch.gradients[0]!, order.map((_, axis) => order.indexOf(axis))));
}

/** Every input its part; those that nobody asks for are left out. */
export function concatGradient(sketch: GradientSketch, axis: number) {
  const { inputs, gradients: [dy], add, name, wants, give } = sketch;
  const sizes = inputs.map((input) => input!.shape[axis]);
  const parts = inputs.map(() => name());
  add("Split", [dy!, wholes(sketch, sizes)], { axis: intAttribute(axis) }, parts);
  parts.forEach((part, i) => wants(i) && give(i, part));
}

export function splitGradient(sketch: GradientSketch, axis: number) {
  const { outputs, gradients, add, give } = sketch;
  const parts = outputs.map(({ shape }, i) => gradients[i] ?? zeros(sketch, shape));
  give(0, add("Concat", parts, { axis: intAttribute(axis) }));
}

export function zeros(sketch: GradientSketch, shape: Shape): Name {
  return sketch.add("Expand", [scalar(sketch, 0), wholes(sketch, shape)]);
}

type Cut = { readonly start: number; readonly step: number; readonly count: number };

/** What was left out gets zeros: first between the elements of a cut that has steps, then around it. */
export function sliceGradient(sketch: GradientSketch, cuts: readonly Cut[]) {
  const { inputs: [x], gradients: [dy], give } = sketch;
  let [spread, shape] = [dy!, cuts.map(({ count }) => count)];
  const [before, after] = [[] as number[], [] as number[]];
  cuts.forEach(({ start, step, count }, axis) => {
    const size = Math.abs(step);
    if (step < 0) spread = reversed(sketch, spread, axis);
    if (size > 1 && count > 0) {
      const apart = reshape(sketch, spread, shape.toSpliced(axis + 1, 0, 1));
      const wide = padded(sketch, apart, shape.toSpliced(axis + 1, 0, 1).map(() => 0), [
        ...shape.map((_, i) => i === axis ? [0, size - 1] : [0]).flat(),
      ]);
      shape = shape.with(axis, count * size);
      spread = reshape(sketch, wide, shape);
    }
    const first = step < 0 ? start + (count - 1) * step : start;
    before.push(count > 0 ? first : 0);
    after.push(x!.shape[axis] - shape[axis] - before[axis]);
  });
  give(0, padded(sketch, spread, before, after));
}

function reversed(sketch: GradientSketch, name: Name, axis: number): Name {
  const lists = [[-1], [-(2 ** 31)], [axis], [-1]].map((list) => wholes(sketch, list));
  return sketch.add("Slice", [name, ...lists]);
}

/** With zeros around it; negative numbers cut. */
export function padded(
  sketch: GradientSketch,
  name: Name,
  before: readonly number[],
  after: readonly number[],
) {
  if ([...before, ...after].every((count) => count === 0)) return name;
  return sketch.add("Pad", [name, wholes(sketch, [...before, ...after])]);
}

/** What was added is cut off, what was cut off gets zeros; a fill gets what lies outside. */
export function padGradient(sketch: GradientSketch, before: readonly number[], after: readonly number[]) {
  const { inputs, gradients: [dy], add, give, wants } = sketch;
  const back = (counts: readonly number[]) => counts.map((count) => -count);
  const inside = padded(sketch, dy!, back(before), back(after));
  give(0, inside);
  if (!wants(2)) return;
  const axes = before.map((_, axis) => axis);
  const rest = add("Sub", [sum(sketch, dy!, axes, 0), sum(sketch, inside, axes, 0)]);
  give(2, reshape(sketch, rest, inputs[2]!.shape));
}

/** Repeats are summed. */
export function tileGradient(sketch: GradientSketch) {
  const { inputs: [x], outputs: [y], gradients: [dy], give } = sketch;
  const repeated = x!.shape.flatMap((size, axis) => size === y.shape[axis] ? [] : [axis]);
  const apart = x!.shape.flatMap((size, axis) =>
    repeated.includes(axis) ? [y.shape[axis] / size, size] : [size]
  );
  const summed = repeated.map((axis, i) => axis + i);
  give(0, sum(sketch, reshape(sketch, dy!, apart), summed, 0));
}

export const depthToSpaceGradient = (sketch: GradientSketch, blocks: number, mode: string) => {
  const { inputs: [x], gradients: [dy], add, give } = sketch;
  if (mode === "DCR") return give(0, add("SpaceToDepth", [dy!], { blocksize: intAttribute(blocks) }));
  const [images, depth, height, width] = x!.shape;
  const channels = depth / blocks ** 2;
  const apart = reshape(sketch, dy!, [images, channels, height, blocks, width, blocks]);
  give(0, reshape(sketch, transpose(sketch, apart, [0, 1, 3, 5, 2, 4]), x!.shape));
};

export const spaceToDepthGradient = ({ gradients: [dy], add, give }: GradientSketch, blocks: number) =>
  give(0, add("DepthToSpace", [dy!], { blocksize: intAttribute(blocks), mode: textAttribute("DCR") }));

/** Elements of a table that were picked several times get the sum. */
export function gatherGradient(sketch: GradientSketch, axis: number) {
  const { inputs: [x, indices], gradients: [dy], add, give } = sketch;
  const [picks, rank] = [indices!.shape.length, x!.shape.length];
  const others = [...x!.shape.keys()].filter((one) => one !== axis);
  // Places of the indices first, then the other axes of x in their order.
  const placed = others.map((one) => one < axis ? one : one + picks - 1);
  const order = [...indices!.shape.map((_, i) => axis + i), ...placed];
  const first = axis === 0 ? dy! : transpose(sketch, dy!, order);
  const tuples = reshape(sketch, indices!.name, [...indices!.shape, 1]);
  const blank = zeros(sketch, [x!.shape[axis], ...others.map((one) => x!.shape[one])]);
  const table = add("ScatterND", [blank, tuples, first], { reduction: textAttribute("add") });
  const back = Array.from({ length: rank }, (_, one) => one === axis ? 0 : others.indexOf(one) + 1);
  give(0, axis === 0 ? table : transpose(sketch, table, back));
}

export function gatherElementsGradient(sketch: GradientSketch, axis: number) {
  const { inputs: [x, indices], gradients: [dy], add, give } = sketch;
  const attributes = { axis: intAttribute(axis), reduction: textAttribute("add") };
  give(0, add("ScatterElements", [zeros(sketch, x!.shape), indices!.name, dy!], attributes));
}

/** The gradient as a float of the width that the input has. */
export const castGradient: Draw = ({ inputs: [x], gradients: [dy], add, give }) =>
  give(0, add("CastLike", [dy!, x!.name]));

export function gatherTuplesGradient(sketch: GradientSketch, batch: number) {
  if (batch > 0) {
    throw new UnsupportedError(`Cannot differentiate picks with batch_dims ${batch}, expected 0`);
  }
  const { inputs: [x, indices], gradients: [dy], add, give } = sketch;
  const attributes = { reduction: textAttribute("add") };
  give(0, add("ScatterND", [zeros(sketch, x!.shape), indices!.name, dy!], attributes));
}

/** Updates get what stands where they went; what they replace gets nothing. */
export function scatterGradient(
  sketch: GradientSketch,
  reduction: string,
  [scatter, gather]: readonly [string, string],
  attributes: Readonly<Record<string, Attribute>>,
) {
  const { inputs: [, indices, updates], gradients: [dy], add, wants, give } = sketch;
  if (reduction !== "none" && reduction !== "add") {
    throw new UnsupportedError(
      `Cannot differentiate updates: reduction is "${reduction}", expected "none" or "add"`,
    );
  }
  if (wants(2)) give(2, add(gather, [dy!, indices!.name], attributes));
  if (reduction === "add") return give(0, dy!);
  if (wants(0)) give(0, add(scatter, [dy!, indices!.name, zeros(sketch, updates!.shape)], attributes));
}
