// Reductions, indices and normalizations of random shapes and attributes, row-major and channels last, and some for
// one special case each.
import fc from "fast-check";
import type { Attribute, Node } from "../../src/graph/graph.ts";
import type { Shape } from "../../src/tensor/shape.ts";
import { type Tensor, tensor } from "../../src/tensor/tensor.ts";
import { node } from "../passes/network.ts";
import { dyadic, float, int, ints, type Model, modelOf, valuesBetween, whole } from "./one_node.ts";

type Attributes = Record<string, Attribute>;
type Part = {
  readonly nodes: Node[];
  readonly constants?: Tensor[];
  readonly outputs?: string[];
  opset?: number;
};

/** A pool of single elements, which only changes the layout. */
const pooled = node("MaxPool x0 > x", { kernel_shape: ints([1, 1]) });
const identical = node("Identity x0 > x");

/** The part reads `x`, which is x0, channels last if possible. */
function model(
  x: Tensor,
  channelsLast: boolean,
  { nodes, constants = [], outputs = ["y"], opset = 18 }: Part,
): Model {
  const first = channelsLast && x.shape.length === 4 ? pooled : identical;
  return modelOf([first, ...nodes], [x, ...constants], [0], outputs, opset);
}

const shapes = fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 5 });
const flag = fc.integer({ min: 0, max: 1 });
const drawn = fc.record({
  shape: fc.oneof(
    shapes,
    fc.tuple(fc.integer({ min: 1, max: 3 }), ...[9, 6, 6].map((max) => fc.integer({ min: 1, max }))),
  ),
  axes: fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 3 }),
  kind: fc.nat(),
  keepdims: flag,
  other: flag,
  channelsLast: fc.boolean(),
});
type Draw = { shape: Shape; axes: number[]; kind: number; keepdims: number; other: number };

const pick = <T>(list: readonly T[], { kind }: Draw): T => list[kind % list.length];
const axisOf = ({ shape, axes, other }: Draw) => axes[0] % shape.length - (other ? shape.length : 0);

const families: Record<string, (draw: Draw) => { x: Tensor; part: Part } | undefined> = {
  reduction(draw) {
    const kinds = ["Mean", "Sum", "Max", "Min", "Prod", "L1", "L2", "LogSum", "LogSumExp", "SumSquare"];
    const axes = [...new Set(draw.axes.map((axis) => axis % draw.shape.length))];
    const reduced = node(`Reduce${pick(kinds, draw)} x x1 > y`, { keepdims: int(draw.keepdims) });
    return { x: valuesBetween(draw.shape, 0.5, 1.5), part: { nodes: [reduced], constants: [whole(axes)] } };
  },
  place(draw) {
    const x = tensor("float32", draw.shape, floats(draw.shape).map((_, i) => (i * 53) % 5));
    const attributes = {
      axis: int(axisOf(draw)),
      keepdims: int(draw.keepdims),
      select_last_index: int(draw.other),
    };
    return { x, part: { nodes: [node(`${pick(["ArgMax", "ArgMin"], draw)} x > y`, attributes)] } };
  },
  "greatest few"(draw) {
    const x = tensor("float32", draw.shape, floats(draw.shape).map((_, i) => (i * 53) % 7));
    const axis = axisOf(draw);
    const k = draw.kind % (draw.shape.at(axis)! + 1);
    const attributes = { axis: int(axis), largest: int(draw.keepdims) };
    const nodes = [node("TopK x x1 > y places", attributes)];
    return { x, part: { nodes, constants: [whole([k])], outputs: ["y", "places"] } };
  },
  softmax(draw) {
    const softmax = node(`${pick(["Softmax", "LogSoftmax", "Hardmax"], draw)} x > y`, {
      axis: int(axisOf(draw)),
    });
    return {
      x: valuesBetween(draw.shape, -9, 9),
      part: { nodes: [softmax], opset: [11, 13][draw.keepdims] },
    };
  },
  "layer normalization"(draw) {
    const axis = axisOf(draw);
    const along = draw.shape.slice(axis);
    const constants = [valuesBetween(along, 0.5, 2), ...(draw.keepdims ? [dyadic(along)] : [])];
    const line = `LayerNormalization x x1${draw.keepdims ? " x2" : ""} > y mean inverse`;
    const nodes = [node(line, { axis: int(axis), epsilon: float(0.1) })];
    return {
      x: valuesBetween(draw.shape, -2, 3),
      part: { nodes, constants, outputs: ["y", "mean", "inverse"] },
    };
  },
  "image normalization"(draw) {
    if (draw.shape.length < 3) return undefined;
    const channels = draw.shape[1];
    const x = valuesBetween(draw.shape, -2, 3);
    const weights = [valuesBetween([channels], 0.5, 2), dyadic([channels])];
    const statistics = [dyadic([channels], 9), valuesBetween([channels], 0.5, 2, 3)];
    return pick<() => { x: Tensor; part: Part } | undefined>([
      () => ({
        x,
        part: {
          nodes: [node("InstanceNormalization x x1 x2 > y", { epsilon: float(0.1) })],
          constants: weights,
        },
      }),
      () => ({
        x,
        part: {
          nodes: [node("BatchNormalization x x1 x2 x3 x4 > y")],
          constants: [...weights, ...statistics],
        },
      }),
      () =>
        draw.shape.length === 4 ? { x, part: { nodes: [node("LRN x > y", { size: int(3) })] } } : undefined,
    ], draw)();
  },
};

const floats = (shape: Shape) => new Array<number>(shape.reduce((product, dim) => product * dim, 1)).fill(0);

/** By family: models of random shapes and attributes. */
export const randomModels = Object.entries(families).map(([family, make]) => ({
  family,
  models: drawn.map((draw) => {
    const made = make(draw);
    return made && model(made.x, draw.channelsLast, made.part);
  }).filter((made) => made !== undefined),
}));

const picture = valuesBetween([2, 5, 6, 4], -2, 3);
const withoutFirstOutput = (line: string, attributes: Attributes = {}): Node => {
  const made = node(line, attributes);
  return { ...made, outputs: made.outputs.map((name) => name === "_" ? "" : name) };
};
const rowWeights = [valuesBetween([4], 0.5, 2), dyadic([4])];

export const handmade: Record<string, Model> = {
  "LayerNormalization without its mean": model(picture, false, {
    nodes: [withoutFirstOutput("LayerNormalization x x1 x2 > y _ inverse")],
    constants: rowWeights,
    outputs: ["y", "inverse"],
  }),
  "LayerNormalization of which only the first output is wanted": model(picture, false, {
    nodes: [withoutFirstOutput("LayerNormalization x x1 x2 > y _ _")],
    constants: rowWeights,
  }),
  "reductions of an image that meet": model(picture, true, {
    nodes: [
      node("ReduceMean x > a", { axes: ints([2, 3]) }),
      node("ReduceMax x > b", { axes: ints([2, 3]) }),
      node("Concat a b > c", { axis: int(1) }),
      node("Conv c x1 > y"),
    ],
    constants: [valuesBetween([3, 10, 1, 1], -1, 1)],
    opset: 13,
  }),
  "reductions of channels that meet": model(picture, true, {
    nodes: [
      node("ReduceMean x > a", { axes: ints([1]) }),
      node("ReduceMax x > b", { axes: ints([1]) }),
      node("Concat a b > c", { axis: int(1) }),
      node("Conv c x1 > y"),
    ],
    constants: [valuesBetween([3, 2, 3, 3], -1, 1)],
    opset: 13,
  }),
  "a normalized image before a convolution": model(picture, true, {
    nodes: [node("InstanceNormalization x x1 x2 > a"), node("Conv a x3 > y")],
    constants: [valuesBetween([5], 0.5, 2), dyadic([5]), valuesBetween([3, 5, 3, 3], -1, 1)],
  }),
};
