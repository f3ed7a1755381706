// Gradients of normalizations. With n = (x − mean) · r and r = 1 / √(variance + ε) over lines of x, and dn = dy · scale:
// dx = r · (dn − mean(dn) − n · mean(dn · n)). The statistics are computed again, so nothing but x is kept.
import { intAttribute } from "../../graph/attribute.ts";
import type { Name } from "../../graph/graph.ts";
import { elementCount, type Shape } from "../../tensor/shape.ts";
import { reshape, scalar, sum, times, wholes } from "../drawing/drawing.ts";
import type { GradientSketch } from "../drawing/sketch.ts";

/** Per channel, with statistics that are inputs. */
export function batchNormalizationGradient(sketch: GradientSketch, epsilon: number) {
  const { inputs, gradients: [dy], add, wants, give } = sketch;
  const [x, scale, , mean, variance] = inputs.map((input) => input!);
  const rank = x.shape.length;
  const across = (name: Name) => rank > 1 ? reshape(sketch, name, spread(x.shape)) : name;
  const others = [...x.shape.keys()].filter((axis) => axis !== 1);
  const deviation = add("Sqrt", [add("Add", [variance.name, scalar(sketch, epsilon)])]);
  const gain = add("Div", [scale.name, deviation]);
  const summed = (name: Name) => reshape(sketch, sum(sketch, name, others, 0), scale.shape);
  give(0, add("Mul", [dy!, across(gain)]));
  const bias = [2, 3].some(wants) ? summed(dy!) : "";
  if (wants(2)) give(2, bias);
  if (wants(3)) give(3, add("Neg", [add("Mul", [bias, gain])]));
  if (!wants(1) && !wants(4)) return;
  const centered = add("Sub", [x.name, across(mean.name)]);
  const slope = add("Div", [summed(add("Mul", [dy!, centered])), deviation]);
  if (wants(1)) give(1, slope);
  // By the variance, r is −r³ / 2.
  if (!wants(4)) return;
  const cubed = add("Div", [add("Mul", [slope, gain]), deviation]);
  give(4, times(sketch, cubed, -0.5));
}

/** One number a channel, as it is broadcast to images. */
function spread(shape: Shape): number[] {
  return shape.map((dim, axis) => axis === 1 ? dim : 1);
}

type Lines = {
  readonly epsilon: number;
  /** Without it, only the mean square is normalized. */
  readonly centered: boolean;
  /** x as lines: the axes from `axis` on are normalized together. */
  readonly lines: Shape;
  readonly axis: number;
};

type Normal = { readonly normal: Name; readonly inverse: Name; readonly axes: readonly number[] };

function normalOf(sketch: GradientSketch, { epsilon, centered, lines, axis }: Lines): Normal {
  const { add } = sketch;
  const axes = lines.map((_, i) => i).slice(axis);
  const x = reshape(sketch, sketch.inputs[0]!.name, lines);
  const around = centered ? add("Sub", [x, mean(sketch, x, axes)]) : x;
  const variance = mean(sketch, add("Mul", [around, around]), axes);
  const deviation = add("Sqrt", [add("Add", [variance, scalar(sketch, epsilon)])]);
  const inverse = add("Div", [scalar(sketch, 1), deviation]);
  return { normal: add("Mul", [around, inverse]), inverse, axes };
}

function mean(sketch: GradientSketch, name: Name, axes: readonly number[]): Name {
  return sketch.add("ReduceMean", [name, wholes(sketch, axes)], { keepdims: intAttribute(1) });
}

/** The gradient by x, in lines, of one by n. */
function byInput(
  sketch: GradientSketch,
  dn: Name,
  { normal, inverse, axes }: Normal,
  centered: boolean,
): Name {
  const { add } = sketch;
  const along = add("Mul", [normal, mean(sketch, add("Mul", [dn, normal]), axes)]);
  const kept = centered ? add("Sub", [dn, mean(sketch, dn, axes)]) : dn;
  return add("Mul", [add("Sub", [kept, along]), inverse]);
}

/** Over the last axes; mean and r may be outputs too. */
export function layerNormalizationGradient(
  sketch: GradientSketch,
  axis: number,
  epsilon: number,
  centered: boolean,
) {
  const { inputs: [x, scale, bias], gradients: [dy, ...statistics], add, wants, give } = sketch;
  // What is not centered has no mean to give.
  const [dmean, dinverse] = centered ? statistics : [undefined, ...statistics];
  const lines = { epsilon, centered, lines: x!.shape, axis };
  const found = normalOf(sketch, lines);
  const { normal, inverse, axes } = found;
  if (dy !== undefined) {
    if (wants(0)) give(0, byInput(sketch, add("Mul", [dy, scale!.name]), found, centered));
    if (wants(1)) give(1, add("Mul", [dy, normal]));
    if (bias && wants(2)) give(2, dy);
  }
  const share = 1 / elementCount(axes.map((one) => x!.shape[one]));
  const repeated = (name: Name) => add("Expand", [times(sketch, name, share), wholes(sketch, x!.shape)]);
  if (dmean !== undefined && wants(0)) give(0, repeated(dmean));
  if (dinverse === undefined || !wants(0)) return;
  const squared = add("Mul", [dinverse, add("Mul", [inverse, inverse])]);
  give(0, add("Mul", [normal, times(sketch, squared, -share)]));
}

/** Over groups of channels; scale and bias are one a channel, or one a group. */
export function groupNormalizationGradient(sketch: GradientSketch, groups: number, epsilon: number) {
  const { inputs: [x, scale], gradients: [dy], add, wants, give } = sketch;
  const [images, channels] = x!.shape;
  const lines = [images, groups, elementCount(x!.shape) / images / groups];
  const shape = elementCount(scale!.shape) === channels ? x!.shape : lines;
  const found = normalOf(sketch, { epsilon, centered: true, lines, axis: 2 });
  const gradient = reshape(sketch, dy!, shape);
  const summed = (name: Name) =>
    reshape(sketch, sum(sketch, name, [...shape.keys()].filter((axis) => axis !== 1), 0), scale!.shape);
  if (wants(0)) {
    const dn = add("Mul", [gradient, reshape(sketch, scale!.name, spread(shape))]);
    give(0, reshape(sketch, byInput(sketch, reshape(sketch, dn, lines), found, true), x!.shape));
  }
  if (wants(1)) give(1, summed(add("Mul", [gradient, reshape(sketch, found.normal, shape)])));
  if (wants(2)) give(2, summed(gradient));
}
