// Rows of the operators that slide a window: convolutions and pools. Numbers are dyadic, so every sum is exact.
import type { Attribute } from "../../../src/graph/graph.ts";
import type { Shape } from "../../../src/tensor/shape.ts";
import { exact, ulps } from "../agreement.ts";
import { dyadic, int, ints, type Row, text } from "../one_node.ts";

type Attributes = Record<string, Attribute>;

const conv = (about: string, x: Shape, w: Shape, attributes: Attributes = {}, bias = true): Row => ({
  opType: "Conv",
  about,
  attributes,
  inputs: [dyadic(x), dyadic(w, 7), bias ? dyadic([w[0]], 3) : undefined],
  within: exact,
});

const convolutions: Row[] = [
  conv("one weight", [1, 1, 1, 1], [1, 1, 1, 1]),
  conv("3x3", [2, 3, 7, 6], [5, 3, 3, 3]),
  conv("no bias", [1, 5, 4, 4], [9, 5, 3, 3], {}, false),
  conv("pads on each side differ", [1, 3, 6, 5], [4, 3, 3, 3], { pads: ints([0, 1, 2, 3]) }),
  conv("strides differ", [1, 4, 9, 9], [4, 4, 3, 3], { strides: ints([2, 3]), pads: ints([1, 1, 1, 1]) }),
  conv("dilations differ", [1, 2, 9, 9], [3, 2, 3, 3], {
    dilations: ints([2, 3]),
    pads: ints([2, 3, 2, 3]),
  }),
  conv("1x7 kernel", [1, 4, 5, 9], [6, 4, 1, 7], { pads: ints([0, 3, 0, 3]) }),
  conv("1x1 stride 2", [2, 8, 6, 6], [16, 8, 1, 1], { strides: ints([2, 2]) }),
  conv("pads beyond the kernel", [1, 2, 3, 3], [3, 2, 2, 2], { pads: ints([3, 3, 3, 3]) }),
  conv("two groups", [1, 6, 5, 6], [4, 3, 3, 3], { group: int(2), pads: ints([1, 1, 1, 1]) }),
  conv("groups without bias", [2, 4, 5, 5], [6, 2, 3, 3], { group: int(2) }, false),
  conv("three groups, dilated, strided", [1, 6, 8, 8], [9, 2, 3, 2], {
    group: int(3),
    dilations: ints([2, 1]),
    strides: ints([1, 2]),
    pads: ints([1, 0, 2, 1]),
  }),
  conv("depthwise", [2, 5, 6, 7], [5, 1, 3, 3], { group: int(5), pads: ints([1, 1, 1, 1]) }),
  conv("depthwise without bias", [1, 8, 6, 6], [8, 1, 3, 3], { group: int(8), strides: ints([2, 2]) }, false),
  conv("depthwise 5x5 dilated, pads differ", [1, 3, 9, 9], [3, 1, 5, 5], {
    group: int(3),
    dilations: ints([2, 1]),
    pads: ints([4, 1, 3, 0]),
  }),
  conv("depthwise with multiplier 2", [1, 3, 5, 5], [6, 1, 3, 3], {
    group: int(3),
    pads: ints([1, 1, 1, 1]),
  }),
  ...["SAME_UPPER", "SAME_LOWER", "VALID"].flatMap((mode) => [
    conv(`auto_pad ${mode}, stride 2, even input`, [1, 2, 6, 8], [3, 2, 3, 3], {
      auto_pad: text(mode),
      strides: ints([2, 2]),
    }),
    conv(`auto_pad ${mode}, even kernel, depthwise`, [1, 3, 7, 6], [3, 1, 2, 4], {
      auto_pad: text(mode),
      group: int(3),
    }),
  ]),
  conv("kernel_shape said", [1, 2, 5, 5], [3, 2, 3, 3], { kernel_shape: ints([3, 3]) }),
];

const pool = (
  opType: string,
  about: string,
  x: Shape,
  kernel: readonly number[],
  more: Attributes = {},
  opset?: number,
): Row => ({
  opType,
  about,
  attributes: { kernel_shape: ints(kernel), ...more },
  inputs: [dyadic(x)],
  opset,
  within: opType === "MaxPool" ? exact : ulps(2, "exact sums, then one division"),
});

const ceil = { ceil_mode: int(1) };
const stride2 = { strides: ints([2, 2]) };

const pools: Row[] = ["MaxPool", "AveragePool"].flatMap((opType) => [
  pool(opType, "2x2", [2, 3, 5, 6], [2, 2]),
  pool(opType, "stride 2", [1, 5, 7, 8], [3, 2], stride2),
  pool(opType, "pads on each side differ", [1, 4, 6, 5], [3, 3], { pads: ints([0, 1, 2, 1]) }),
  pool(opType, "ceil_mode", [1, 2, 6, 6], [3, 3], { ...stride2, ...ceil }),
  pool(opType, "ceil_mode, pads", [1, 3, 7, 8], [3, 3], { ...stride2, ...ceil, pads: ints([1, 1, 1, 1]) }),
  pool(opType, "ceil_mode, a last window that would start in the padding", [1, 1, 5, 5], [2, 2], {
    strides: ints([3, 3]),
    ...ceil,
    pads: ints([1, 1, 1, 1]),
  }),
  ...["SAME_UPPER", "SAME_LOWER", "VALID"].map((mode) =>
    pool(opType, `auto_pad ${mode}`, [1, 3, 6, 7], [3, 2], { ...stride2, auto_pad: text(mode) })
  ),
]).concat([
  pool("MaxPool", "dilations", [1, 2, 9, 8], [3, 2], { dilations: ints([2, 3]) }),
  pool("MaxPool", "dilations, pads, ceil_mode", [1, 5, 9, 8], [2, 3], {
    dilations: ints([3, 2]),
    pads: ints([1, 1, 0, 2]),
    ...stride2,
    ...ceil,
  }),
  pool("MaxPool", "opset 8", [1, 2, 4, 4], [2, 2], stride2, 8),
  pool("AveragePool", "count_include_pad", [1, 3, 5, 5], [3, 3], {
    count_include_pad: int(1),
    pads: ints([1, 0, 2, 1]),
  }),
  pool("AveragePool", "count_include_pad, ceil_mode", [1, 3, 7, 7], [2, 2], {
    count_include_pad: int(1),
    ...stride2,
    ...ceil,
    pads: ints([0, 0, 1, 1]),
  }),
  pool("AveragePool", "dilations", [1, 3, 7, 9], [2, 3], { dilations: ints([2, 2]) }, 19),
  pool("AveragePool", "opset 7", [1, 2, 5, 5], [2, 2], stride2, 7),
]);

const globalPools: Row[] = ["GlobalAveragePool", "GlobalMaxPool"].flatMap((opType) =>
  [[2, 3, 4, 5], [1, 8, 7, 7], [1, 1, 1, 1]].map((shape): Row => ({
    opType,
    about: `[${shape}]`,
    inputs: [dyadic(shape)],
    within: ulps(2, "exact sums, then one division"),
  }))
);

export const windowRows: readonly Row[] = [...convolutions, ...pools, ...globalPools];
