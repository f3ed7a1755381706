// Rows of the operators that interpolate between pixels, and of Col2Im.
import { tensor } from "../../../src/tensor/tensor.ts";
import { absolute, exact } from "../agreement.ts";
import { dyadic, float, int, ints, type Row, text, valuesBetween, whole } from "../one_node.ts";

const weights = absolute(2 ** -17, "products of weights in single precision on values of at most 1");

/** Multiples of 1/16 from −2 to 2: positions between pixels are exact. */
const grid = (shape: readonly number[]) => {
  const count = shape.reduce((product, size) => product * size, 1);
  return tensor("float32", shape, Array.from({ length: count }, (_, i) => ((i * 23) % 65 - 32) / 16));
};

const sampled: Row[] = ["nearest", "bilinear", "bicubic"].flatMap((mode) =>
  ["zeros", "border", "reflection"].flatMap((padding_mode) =>
    [0, 1].map((align_corners): Row => ({
      opType: "GridSample",
      about: `${mode}, ${padding_mode}, align_corners ${align_corners}`,
      inputs: [dyadic([2, 3, 4, 8]), grid([2, 5, 6, 2])],
      attributes: { mode: text(mode), padding_mode: text(padding_mode), align_corners: int(align_corners) },
      fed: [0, 1],
      opset: 16,
      within: mode === "nearest" ? exact : weights,
    }))
  )
);

const volumes: Row[] = ["nearest", "linear"].map((mode): Row => ({
  opType: "GridSample",
  about: `a volume, ${mode}`,
  inputs: [dyadic([1, 2, 3, 4, 2]), grid([1, 2, 3, 5, 3])],
  attributes: { mode: text(mode) },
  fed: [0, 1],
  opset: 20,
  within: mode === "nearest" ? exact : weights,
}));

const grids: Row[] = [[2, 3, 4, 5], [1, 1, 2, 3, 4]].flatMap((size) =>
  [0, 1].map((align_corners): Row => ({
    opType: "AffineGrid",
    about: `of ${size}, align_corners ${align_corners}`,
    inputs: [dyadic([size[0], size.length - 2, size.length - 1]), whole(size)],
    attributes: { align_corners: int(align_corners) },
    opset: 20,
    within: weights,
  }))
);

const regions = tensor("float32", [3, 4], [1, 1, 7.5, 6, 0, 0, 11, 9, 3.25, 2, 5, 8.5]);
const beyond = tensor("float32", [3, 4], [-20, -9, 130, 90, 3, 2, 61, 47, -400, -90, 5, 8]);
const aligned: Row[] = ["avg", "max"].flatMap((mode) =>
  [0, 2].flatMap((sampling_ratio) =>
    [10, 16].flatMap((opset) =>
      [regions, beyond].map((of): Row => ({
        opType: "RoiAlign",
        about: `${mode}, ${sampling_ratio} samples, opset ${opset}${
          of === beyond ? ", larger than the picture" : ""
        }`,
        inputs: [valuesBetween([2, 2, 9, 11], 0, 1), of, whole([1, 0, 1])],
        attributes: {
          mode: text(mode),
          output_height: int(3),
          output_width: int(2),
          sampling_ratio: int(sampling_ratio),
          spatial_scale: float(0.75),
        },
        fed: [0, 1, 2],
        opset,
        within: weights,
      }))
    )
  )
);

const columns: Row[] = [
  {
    opType: "Col2Im",
    about: "overlapping windows",
    inputs: [dyadic([2, 12, 12]), whole([5, 4]), whole([2, 2])],
    fed: [0],
    opset: 18,
    within: exact,
  },
  {
    opType: "Col2Im",
    about: "strides, pads and dilations",
    inputs: [dyadic([1, 12, 12]), whole([6, 7]), whole([3, 2])],
    attributes: { strides: ints([1, 2]), pads: ints([1, 0, 0, 1]), dilations: ints([2, 1]) },
    fed: [0],
    opset: 18,
    within: exact,
  },
  {
    opType: "Col2Im",
    about: "a volume",
    inputs: [dyadic([1, 16, 12]), whole([3, 4, 3]), whole([2, 2, 2])],
    fed: [0],
    opset: 18,
    within: exact,
  },
];

export const samplingRows: readonly Row[] = [...sampled, ...volumes, ...grids, ...aligned, ...columns];
