// Rows of windows over one and three axes, of further pools, and of transposed or deformable convolutions. Numbers
// are dyadic, so sums are exact.
import type { Attribute } from "../../../src/graph/graph.ts";
import type { Shape } from "../../../src/tensor/shape.ts";
import { tensor } from "../../../src/tensor/tensor.ts";
import { type Bound, exact, ulps } from "../agreement.ts";
import { dyadic, int, ints, type Row, text, valuesBetween, whole } from "../one_node.ts";

type Attributes = Record<string, Attribute>;
const ones = (rank: number) => ints(new Array(2 * rank).fill(1));

const conv = (about: string, x: Shape, w: Shape, attributes: Attributes = {}, bias = true): Row => ({
  opType: "Conv",
  about,
  attributes,
  inputs: [dyadic(x), dyadic(w, 7), bias ? dyadic([w[0]], 3) : undefined],
  within: exact,
});

const convolutions: Row[] = [
  conv("1-D", [2, 3, 9], [5, 3, 4], { pads: ints([2, 1]), strides: ints([2]) }),
  conv("1-D, one filter per channel, dilated", [1, 6, 12], [6, 1, 3], {
    group: int(6),
    dilations: ints([3]),
  }),
  conv(
    "1-D, groups, SAME_LOWER",
    [1, 6, 7],
    [4, 3, 2],
    { group: int(2), auto_pad: text("SAME_LOWER") },
    false,
  ),
  conv("3-D", [2, 3, 5, 6, 4], [5, 3, 3, 2, 3], { pads: ones(3) }),
  conv("3-D, strides and dilations differ", [1, 2, 9, 8, 7], [3, 2, 3, 3, 2], {
    strides: ints([2, 1, 3]),
    dilations: ints([2, 3, 1]),
    pads: ints([3, 1, 0, 0, 2, 1]),
  }),
  conv("3-D, groups", [1, 6, 4, 5, 4], [9, 2, 2, 3, 3], { group: int(3) }),
  conv(
    "3-D, one filter per channel",
    [2, 5, 4, 4, 5],
    [5, 1, 3, 3, 3],
    { group: int(5), pads: ones(3) },
    false,
  ),
  conv("3-D, one slice deep", [1, 5, 3, 6, 6], [4, 5, 1, 3, 3], { pads: ints([0, 1, 1, 0, 1, 1]) }),
  conv("3-D, depth alone", [1, 5, 6, 3, 4], [4, 5, 3, 1, 1], { strides: ints([2, 1, 1]) }),
  conv("3-D, strides that end in padding beside still ones", [1, 1, 2, 2, 1], [1, 1, 1, 1, 1], {
    strides: ints([2, 2, 1]),
    pads: ints([0, 0, 0, 0, 1, 0]),
  }),
  conv("3-D, SAME_UPPER", [1, 2, 5, 6, 7], [3, 2, 2, 3, 4], {
    auto_pad: text("SAME_UPPER"),
    strides: ints([2, 2, 2]),
  }),
];

const transposeRow = (about: string, x: Shape, w: Shape, attributes: Attributes = {}, bias = true): Row => ({
  opType: "ConvTranspose",
  about,
  attributes,
  inputs: [
    dyadic(x),
    dyadic(w, 7),
    bias ? dyadic([w[1] * Number((attributes.group?.value as bigint) ?? 1)], 3) : undefined,
  ],
  within: exact,
});

const transposes: Row[] = [
  transposeRow("one weight", [1, 1, 1, 1], [1, 1, 1, 1]),
  transposeRow("stride 2", [2, 5, 4, 3], [5, 6, 4, 4], { strides: ints([2, 2]), pads: ones(2) }),
  transposeRow("no bias, strides, dilations and pads differ", [1, 3, 5, 4], [3, 7, 3, 2], {
    strides: ints([1, 3]),
    dilations: ints([2, 1]),
    pads: ints([1, 0, 2, 1]),
  }, false),
  transposeRow("output_padding", [1, 2, 3, 4], [2, 3, 3, 3], {
    strides: ints([2, 3]),
    output_padding: ints([1, 2]),
  }),
  transposeRow("output_shape", [1, 2, 3, 4], [2, 3, 3, 3], {
    strides: ints([3, 2]),
    output_shape: ints([8, 9]),
  }),
  ...["SAME_UPPER", "SAME_LOWER", "VALID"].map((mode) =>
    transposeRow(`auto_pad ${mode}`, [1, 2, 4, 3], [2, 3, 4, 3], {
      strides: ints([2, 2]),
      auto_pad: text(mode),
    })
  ),
  ...["SAME_UPPER", "SAME_LOWER"].map((mode) =>
    transposeRow(`auto_pad ${mode} of a kernel shorter than its stride`, [1, 2, 4, 3], [2, 3, 1, 2], {
      strides: ints([2, 3]),
      auto_pad: text(mode),
    })
  ),
  transposeRow("groups", [1, 6, 4, 5], [6, 2, 3, 3], { group: int(3), strides: ints([2, 1]) }),
  transposeRow("one filter per channel", [1, 5, 4, 4], [5, 1, 4, 4], {
    group: int(5),
    strides: ints([2, 2]),
    pads: ones(2),
  }, false),
  transposeRow("1-D", [2, 3, 7], [3, 4, 5], { strides: ints([3]), pads: ints([2, 1]) }),
  transposeRow("3-D", [1, 3, 3, 4, 2], [3, 2, 2, 3, 3], {
    strides: ints([2, 1, 2]),
    pads: ints([0, 1, 1, 1, 0, 1]),
  }),
  { ...transposeRow("weights from data", [1, 2, 3, 4], [2, 3, 3, 3]), fed: [0, 1, 2] },
];

const pool = (
  opType: string,
  about: string,
  x: Shape,
  attributes: Attributes,
  within: Bound = exact,
  opset = 22,
): Row => ({ opType, about, attributes, inputs: [dyadic(x)], opset, within });

const means = ulps(4, "means of at most one; over depth, means of rounded means", 1);
const norms = ulps(16, "exact sums or sums of squares, roots within 2 ulp, pow of a few numbers");
const cube = ints([2, 3, 2]);
const poolTypes: [string, Bound][] = [["MaxPool", exact], ["AveragePool", means], ["LpPool", norms]];

const pools: Row[] = poolTypes.flatMap(([opType, within]) => [
  pool(opType, "1-D", [2, 3, 9], { kernel_shape: ints([3]), pads: ints([1, 1]), strides: ints([2]) }, within),
  pool(opType, "3-D", [1, 5, 5, 6, 7], { kernel_shape: cube, pads: ints([1, 1, 0, 0, 1, 1]) }, within),
  pool(opType, "3-D, dilated, strided", [1, 2, 9, 8, 7], {
    kernel_shape: cube,
    dilations: ints([2, 3, 1]),
    strides: ints([1, 2, 2]),
  }, within),
  pool(opType, "SAME_UPPER", [1, 3, 6, 7], {
    kernel_shape: ints([3, 2]),
    strides: ints([2, 2]),
    auto_pad: text("SAME_UPPER"),
  }, within),
  pool(opType, "opset 11", [1, 2, 6, 5], { kernel_shape: ints([2, 2]) }, within, 11),
]).concat([
  pool("AveragePool", "3-D, count_include_pad", [1, 3, 5, 4, 5], {
    kernel_shape: ints([3, 3, 3]),
    pads: ones(3),
    count_include_pad: int(1),
  }, means),
  pool("LpPool", "sizes", [1, 3, 5, 5], { kernel_shape: ints([3, 2]), p: int(1) }, norms),
  pool("LpPool", "power 3", [1, 3, 5, 5], { kernel_shape: ints([3, 2]), p: int(3), pads: ones(2) }, norms),
  pool("LpPool", "ceil_mode", [1, 3, 6, 6], {
    kernel_shape: ints([3, 3]),
    strides: ints([2, 2]),
    ceil_mode: int(1),
  }, norms),
]);

const globals: Row[] = [["GlobalMaxPool", exact], ["GlobalAveragePool", means], ["GlobalLpPool", norms]]
  .flatMap((one) =>
    [[2, 3, 9], [1, 5, 4, 6], [2, 6, 3, 4, 5]].map((shape): Row => {
      const [opType, within] = one as [string, Bound];
      return { opType, about: `[${shape}]`, inputs: [dyadic(shape)], within };
    })
  );

const maxPoolRow = (about: string, x: Shape, attributes: Attributes): Row => ({
  ...pool("MaxPool", `indices, ${about}`, x, attributes),
  outputs: 2,
});
const bytes = (dtype: "int8" | "uint8", shape: Shape, low: number) => {
  const count = shape.reduce((a, b) => a * b, 1);
  return tensor(dtype, shape, Array.from({ length: count }, (_, i) => low + (i * 37) % 256));
};

const indices: Row[] = [
  maxPoolRow("1-D", [2, 3, 9], { kernel_shape: ints([3]), strides: ints([2]) }),
  maxPoolRow("pads, dilations", [1, 5, 7, 6], {
    kernel_shape: ints([2, 3]),
    pads: ints([1, 1, 0, 2]),
    dilations: ints([3, 2]),
  }),
  maxPoolRow("column-major", [2, 3, 5, 6], { kernel_shape: ints([2, 2]), storage_order: int(1) }),
  maxPoolRow("3-D, ceil_mode", [1, 3, 5, 6, 5], {
    kernel_shape: cube,
    strides: ints([2, 2, 2]),
    ceil_mode: int(1),
  }),
  maxPoolRow("3-D, column-major", [1, 2, 4, 5, 3], { kernel_shape: cube, storage_order: int(1) }),
  ...(["int8", "uint8"] as const).map((dtype): Row => ({
    ...pool("MaxPool", dtype, [], { kernel_shape: ints([3, 2]), pads: ones(2) }),
    inputs: [bytes(dtype, [1, 3, 6, 5], dtype === "int8" ? -128 : 0)],
  })),
];

const unpoolRow = (about: string, x: Shape, places: readonly number[], attributes: Attributes): Row => ({
  opType: "MaxUnpool",
  about,
  attributes,
  inputs: [dyadic(x), whole(places, x)],
  fed: [0, 1],
  within: exact,
});

const unpools: Row[] = [
  unpoolRow("2x2", [1, 2, 2, 2], [5, 3, 8, 15, 16, 19, 24, 31], {
    kernel_shape: ints([2, 2]),
    strides: ints([2, 2]),
  }),
  unpoolRow("1-D", [1, 1, 3], [1, 2, 5], { kernel_shape: ints([2]), strides: ints([2]) }),
  unpoolRow("pads", [1, 1, 2, 2], [0, 2, 6, 8], {
    kernel_shape: ints([3, 3]),
    strides: ints([2, 2]),
    pads: ones(2),
  }),
];

const deformRow = (
  about: string,
  x: Shape,
  w: Shape,
  out: Shape,
  attributes: Attributes = {},
  mask = true,
): Row => {
  const groups = Number((attributes.offset_group?.value as bigint) ?? 1);
  const taps = w[2] * w[3];
  return {
    opType: "DeformConv",
    about,
    attributes,
    inputs: [
      valuesBetween(x, -1, 1),
      valuesBetween(w, -1, 1, 4),
      valuesBetween([x[0], groups * taps * 2, ...out], -2, 2, 9),
      valuesBetween([w[0]], -1, 1, 2),
      mask ? valuesBetween([x[0], groups * taps, ...out], 0, 1, 6) : undefined,
    ],
    fed: [0, 2],
    opset: 19,
    within: ulps(64, "sums of dozens of products of rounded numbers", 8),
  };
};

const deforms: Row[] = [
  deformRow("3x3, pads", [2, 4, 5, 6], [5, 4, 3, 3], [5, 6], { pads: ones(2) }),
  deformRow("no mask, stride, dilation", [1, 3, 9, 8], [2, 3, 2, 3], [4, 4], {
    strides: ints([2, 1]),
    dilations: ints([2, 2]),
  }, false),
  deformRow("groups and offset groups", [1, 6, 5, 5], [4, 3, 2, 2], [4, 4], {
    group: int(2),
    offset_group: int(3),
  }),
];

export const slidingRows: readonly Row[] = [
  ...convolutions,
  ...transposes,
  ...pools,
  ...globals,
  ...indices,
  ...unpools,
  ...deforms,
];
