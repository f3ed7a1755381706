// Gradients of normalizations. With n = (x − mean) · r and r = 1 / √(variance + ε) over lines of x, and dn = dy ·
// scale: dx = r · (dn − mean(dn) − n · mean(dn · n)). The statistics are recomputed, so that only x is kept.
import { intAttribute } from "../../graph/attribute.ts";
import type { Name } from "../../graph/graph.ts";
import { elementCount, type Shape } from "../../tensor/shape.ts";
import type { GradientBuilder } from "../declare/builder.ts";

/** Per channel, with given statistics. */
export function batchNormalizationGradient(builder: GradientBuilder, epsilon: number) {
  const { inputs, gradients: [dy], add, wants, give } = builder;
  const [x, scale, , mean, variance] = inputs.map((input) => input!);
  const rank = x.shape.length;
  const across = (name: Name) => rank > 1 ? builder.reshape(name, channelShape(x.shape)) : name;
  const others = [...x.shape.keys()].filter((axis) => axis !== 1);
  const deviation = add("Sqrt", [add("Add", [variance.name, builder.scalar(epsilon)])]);
  const gain = add("Div", [scale.name, deviation]);
  const sumOthers = (name: Name) => builder.reshape(builder.sum(name, others, 0), scale.shape);
  give(0, add("Mul", [dy!, across(gain)]));
  const bias = [2, 3].some(wants) ? sumOthers(dy!) : "";
  if (wants(2)) give(2, bias);
  if (wants(3)) give(3, add("Neg", [add("Mul", [bias, gain])]));
  if (!wants(1) && !wants(4)) return;
  const centered = add("Sub", [x.name, across(mean.name)]);
  const slope = add("Div", [sumOthers(add("Mul", [dy!, centered])), deviation]);
  if (wants(1)) give(1, slope);
  // dr / d variance = −r³ / 2.
  if (!wants(4)) return;
  const cubed = add("Div", [add("Mul", [slope, gain]), deviation]);
  give(4, builder.multiply(cubed, -0.5));
}

/** The shape in which one number per channel broadcasts to images. */
function channelShape(shape: Shape): number[] {
  return shape.map((dim, axis) => axis === 1 ? dim : 1);
}

type Lines = {
  readonly epsilon: number;
  /** False: the mean is not subtracted. */
  readonly centered: boolean;
  /** The shape of x as lines; axes from `axis` on are normalized together. */
  readonly lines: Shape;
  readonly axis: number;
};

type Normal = { readonly normal: Name; readonly inverse: Name; readonly axes: readonly number[] };

function normalOf(builder: GradientBuilder, { epsilon, centered, lines, axis }: Lines): Normal {
  const { add } = builder;
  const axes = lines.map((_, i) => i).slice(axis);
  const x = builder.reshape(builder.inputs[0]!.name, lines);
  const around = centered ? add("Sub", [x, mean(builder, x, axes)]) : x;
  const variance = mean(builder, add("Mul", [around, around]), axes);
  const deviation = add("Sqrt", [add("Add", [variance, builder.scalar(epsilon)])]);
  const inverse = add("Div", [builder.scalar(1), deviation]);
  return { normal: add("Mul", [around, inverse]), inverse, axes };
}

function mean(builder: GradientBuilder, name: Name, axes: readonly number[]): Name {
  return builder.add("ReduceMean", [name, builder.integers(axes)], { keepdims: intAttribute(1) });
}

/** dx from dn, both as lines. */
function byInput(
  builder: GradientBuilder,
  dn: Name,
  { normal, inverse, axes }: Normal,
  centered: boolean,
): Name {
  const { add } = builder;
  const along = add("Mul", [normal, mean(builder, add("Mul", [dn, normal]), axes)]);
  const kept = centered ? add("Sub", [dn, mean(builder, dn, axes)]) : dn;
  return add("Mul", [add("Sub", [kept, along]), inverse]);
}

/** Over the last axes; the mean and r may be outputs, too. */
export function layerNormalizationGradient(
  builder: GradientBuilder,
  axis: number,
  epsilon: number,
  centered: boolean,
) {
  const { inputs: [x, scale, bias], gradients: [dy, ...statistics], add, wants, give } = builder;
  // Without centering there is no mean.
  const [dmean, dinverse] = centered ? statistics : [undefined, ...statistics];
  const lines = { epsilon, centered, lines: x!.shape, axis };
  const found = normalOf(builder, lines);
  const { normal, inverse, axes } = found;
  if (dy !== undefined) {
    if (wants(0)) give(0, byInput(builder, add("Mul", [dy, scale!.name]), found, centered));
    if (wants(1)) give(1, add("Mul", [dy, normal]));
    if (bias && wants(2)) give(2, dy);
  }
  const share = 1 / elementCount(axes.map((one) => x!.shape[one]));
  const repeat = (name: Name) => add("Expand", [builder.multiply(name, share), builder.integers(x!.shape)]);
  if (dmean !== undefined && wants(0)) give(0, repeat(dmean));
  if (dinverse === undefined || !wants(0)) return;
  const squared = add("Mul", [dinverse, add("Mul", [inverse, inverse])]);
  give(0, add("Mul", [normal, builder.multiply(squared, -share)]));
}

/** Over groups of channels; scale and bias are per channel or per group. */
export function groupNormalizationGradient(builder: GradientBuilder, groups: number, epsilon: number) {
  const { inputs: [x, scale], gradients: [dy], add, wants, give } = builder;
  const [images, channels] = x!.shape;
  const lines = [images, groups, elementCount(x!.shape) / images / groups];
  const shape = elementCount(scale!.shape) === channels ? x!.shape : lines;
  const found = normalOf(builder, { epsilon, centered: true, lines, axis: 2 });
  const gradient = builder.reshape(dy!, shape);
  const summed = (name: Name) =>
    builder.reshape(builder.sum(name, [...shape.keys()].filter((axis) => axis !== 1), 0), scale!.shape);
  if (wants(0)) {
    const dn = add("Mul", [gradient, builder.reshape(scale!.name, channelShape(shape))]);
    give(0, builder.reshape(byInput(builder, builder.reshape(dn, lines), found, true), x!.shape));
  }
  if (wants(1)) give(1, summed(add("Mul", [gradient, builder.reshape(found.normal, shape)])));
  if (wants(2)) give(2, summed(gradient));
}
