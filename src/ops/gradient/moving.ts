// Gradients of operators that move elements: the reverse move.
import { UnsupportedError } from "../../error.ts";
import { intAttribute, textAttribute } from "../../graph/attribute.ts";
import type { Attribute, Name } from "../../graph/graph.ts";
import type { Shape } from "../../tensor/shape.ts";
import type { Gradient, GradientBuilder } from "../declare/builder.ts";

export function transposeGradient(builder: GradientBuilder, order: readonly number[]) {
  builder.give(0, builder.transpose(builder.gradients[0]!, order.map((_, axis) => order.indexOf(axis))));
}

/** Each input gets its part; parts that are not needed are not computed. */
export function concatGradient(builder: GradientBuilder, axis: number) {
  const { inputs, gradients: [dy], add, freshName, wants, give } = builder;
  const sizes = inputs.map((input) => input!.shape[axis]);
  const parts = inputs.map(() => freshName());
  add("Split", [dy!, builder.integers(sizes)], { axis: intAttribute(axis) }, parts);
  parts.forEach((part, i) => wants(i) && give(i, part));
}

export function splitGradient(builder: GradientBuilder, axis: number) {
  const { outputs, gradients, add, give } = builder;
  const parts = outputs.map(({ shape }, i) => gradients[i] ?? zeros(builder, shape));
  give(0, add("Concat", parts, { axis: intAttribute(axis) }));
}

export function zeros(builder: GradientBuilder, shape: Shape): Name {
  return builder.add("Expand", [builder.scalar(0), builder.integers(shape)]);
}

type Cut = { readonly start: number; readonly step: number; readonly count: number };

/** Omitted elements get zeros: first between the elements of a strided slice, then around it. */
export function sliceGradient(builder: GradientBuilder, cuts: readonly Cut[]) {
  const { inputs: [x], gradients: [dy], give } = builder;
  let [spread, shape] = [dy!, cuts.map(({ count }) => count)];
  const [before, after] = [[] as number[], [] as number[]];
  cuts.forEach(({ start, step, count }, axis) => {
    const size = Math.abs(step);
    if (step < 0) spread = reverse(builder, spread, axis);
    if (size > 1 && count > 0) {
      const apart = builder.reshape(spread, shape.toSpliced(axis + 1, 0, 1));
      const wide = pad(builder, apart, shape.toSpliced(axis + 1, 0, 1).map(() => 0), [
        ...shape.map((_, i) => i === axis ? [0, size - 1] : [0]).flat(),
      ]);
      shape = shape.with(axis, count * size);
      spread = builder.reshape(wide, shape);
    }
    const first = step < 0 ? start + (count - 1) * step : start;
    before.push(count > 0 ? first : 0);
    after.push(x!.shape[axis] - shape[axis] - before[axis]);
  });
  give(0, pad(builder, spread, before, after));
}

function reverse(builder: GradientBuilder, name: Name, axis: number): Name {
  const lists = [[-1], [-(2 ** 31)], [axis], [-1]].map((list) => builder.integers(list));
  return builder.add("Slice", [name, ...lists]);
}

/** Pads with zeros; negative numbers crop. */
export function pad(
  builder: GradientBuilder,
  name: Name,
  before: readonly number[],
  after: readonly number[],
) {
  if ([...before, ...after].every((count) => count === 0)) return name;
  return builder.add("Pad", [name, builder.integers([...before, ...after])]);
}

/** Padding is cropped, cropped elements get zeros; the fill value gets the sum over the padding. */
export function padGradient(builder: GradientBuilder, before: readonly number[], after: readonly number[]) {
  const { inputs, gradients: [dy], add, give, wants } = builder;
  const back = (counts: readonly number[]) => counts.map((count) => -count);
  const inside = pad(builder, dy!, back(before), back(after));
  give(0, inside);
  if (!wants(2)) return;
  const axes = before.map((_, axis) => axis);
  const rest = add("Sub", [builder.sum(dy!, axes, 0), builder.sum(inside, axes, 0)]);
  give(2, builder.reshape(rest, inputs[2]!.shape));
}

/** Repeats are summed. */
export function tileGradient(builder: GradientBuilder) {
  const { inputs: [x], outputs: [y], gradients: [dy], give } = builder;
  const repeated = x!.shape.flatMap((size, axis) => size === y.shape[axis] ? [] : [axis]);
  const apart = x!.shape.flatMap((size, axis) =>
    repeated.includes(axis) ? [y.shape[axis] / size, size] : [size]
  );
  const summed = repeated.map((axis, i) => axis + i);
  give(0, builder.sum(builder.reshape(dy!, apart), summed, 0));
}

export const depthToSpaceGradient = (builder: GradientBuilder, blocks: number, mode: string) => {
  const { inputs: [x], gradients: [dy], add, give } = builder;
  if (mode === "DCR") return give(0, add("SpaceToDepth", [dy!], { blocksize: intAttribute(blocks) }));
  const [images, depth, height, width] = x!.shape;
  const channels = depth / blocks ** 2;
  const apart = builder.reshape(dy!, [images, channels, height, blocks, width, blocks]);
  give(0, builder.reshape(builder.transpose(apart, [0, 1, 3, 5, 2, 4]), x!.shape));
};

export const spaceToDepthGradient = ({ gradients: [dy], add, give }: GradientBuilder, blocks: number) =>
  give(0, add("DepthToSpace", [dy!], { blocksize: intAttribute(blocks), mode: textAttribute("DCR") }));

/** Elements that were gathered several times get the sum. */
export function gatherGradient(builder: GradientBuilder, axis: number) {
  const { inputs: [x, indices], gradients: [dy], add, give } = builder;
  const [picks, rank] = [indices!.shape.length, x!.shape.length];
  const others = [...x!.shape.keys()].filter((one) => one !== axis);
  // The axes of the indices first, then the other axes of x in order.
  const placed = others.map((one) => one < axis ? one : one + picks - 1);
  const order = [...indices!.shape.map((_, i) => axis + i), ...placed];
  const first = axis === 0 ? dy! : builder.transpose(dy!, order);
  const tuples = builder.reshape(indices!.name, [...indices!.shape, 1]);
  const blank = zeros(builder, [x!.shape[axis], ...others.map((one) => x!.shape[one])]);
  const table = add("ScatterND", [blank, tuples, first], { reduction: textAttribute("add") });
  const back = Array.from({ length: rank }, (_, one) => one === axis ? 0 : others.indexOf(one) + 1);
  give(0, axis === 0 ? table : builder.transpose(table, back));
}

export function gatherElementsGradient(builder: GradientBuilder, axis: number) {
  const { inputs: [x, indices], gradients: [dy], add, give } = builder;
  const attributes = { axis: intAttribute(axis), reduction: textAttribute("add") };
  give(0, add("ScatterElements", [zeros(builder, x!.shape), indices!.name, dy!], attributes));
}

/** Casts the gradient to the input's float type. */
export const castGradient: Gradient = ({ inputs: [x], gradients: [dy], add, give }) =>
  give(0, add("CastLike", [dy!, x!.name]));

export function gatherTuplesGradient(builder: GradientBuilder, batch: number) {
  if (batch > 0) {
    throw new UnsupportedError(`Cannot differentiate picks with batch_dims ${batch}, expected 0`);
  }
  const { inputs: [x, indices], gradients: [dy], add, give } = builder;
  const attributes = { reduction: textAttribute("add") };
  give(0, add("ScatterND", [zeros(builder, x!.shape), indices!.name, dy!], attributes));
}

/** Updates get the gradient at their targets; elements that they replace get none. */
export function scatterGradient(
  builder: GradientBuilder,
  reduction: string,
  [scatter, gather]: readonly [string, string],
  attributes: Readonly<Record<string, Attribute>>,
) {
  const { inputs: [, indices, updates], gradients: [dy], add, wants, give } = builder;
  if (reduction !== "none" && reduction !== "add") {
    throw new UnsupportedError(
      `Cannot differentiate updates: reduction is "${reduction}", expected "none" or "add"`,
    );
  }
  if (wants(2)) give(2, add(gather, [dy!, indices!.name], attributes));
  if (reduction === "add") return give(0, dy!);
  if (wants(0)) give(0, add(scatter, [dy!, indices!.name, zeros(builder, updates!.shape)], attributes));
}
