// Nodes in forms that later opsets replaced, for every row of src/ops/upgrade/upgrades.ts: attributes that moved or
// were renamed are absent, at their defaults, and given. `like`: the same computation in the forms of opset 13, if
// ONNX Runtime has no kernel for the old one (below opset 7, or if it deviates from the specification). `refused`: no
// later form.
import { floatsAttribute as floats } from "../../src/graph/attribute.ts";
import { tensor } from "../../src/tensor/tensor.ts";
import { exact } from "./agreement.ts";
import { ancientForms } from "./ancient_forms.ts";
import {
  channels,
  cube,
  form,
  image,
  near,
  type OldForm,
  picture,
  positive,
  scalar,
  small,
} from "./old_form.ts";
import { dyadic, float, int, ints, text, valuesBetween, whole } from "./one_node.ts";

const reductions =
  "ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceMax ReduceMean ReduceMin ReduceProd " +
  "ReduceSum ReduceSumSquare";
const axesForms = reductions.split(" ").flatMap((opType) => [
  form(opType, 11, "axes absent", [positive([2, 3, 4])], {}, { within: near }),
  form(opType, 12, "axes given", [positive([2, 3, 4])], { axes: ints([1, -1]), keepdims: int(0) }, {
    within: near,
  }),
  form(opType, 12, "axes given, kept", [positive([2, 3, 4])], { axes: ints([2]) }, { within: near }),
]);

const moved: OldForm[] = [
  form("Slice", 9, "axes absent", [cube], { starts: ints([1, 0]), ends: ints([2, -1]) }),
  form("Slice", 9, "axes given", [cube], { starts: ints([1]), ends: ints([3]), axes: ints([2]) }),
  form("TopK", 9, "k", [valuesBetween([3, 7], -1, 1)], { k: int(2), axis: int(-1) }, { outputs: 2 }),
  form("Clip", 10, "both absent", [cube]),
  form("Clip", 10, "both given", [cube], { min: float(-0.5), max: float(0.25) }),
  form("Clip", 6, "max only", [cube], { max: float(0.25) }, {
    like: { opType: "Clip", inputs: [cube, undefined, scalar(0.25)] },
  }),
  form("Pad", 10, "value absent", [cube], { pads: ints([0, 1, 2, 0, 0, 1]) }),
  form("Pad", 10, "value given", [cube], { pads: ints([0, 1, 2, 0, 0, 1]), value: float(0.75) }),
  form("Pad", 10, "reflect", [cube], { pads: ints([0, 1, 2, 0, 0, 1]), mode: text("reflect") }),
  form("Squeeze", 12, "axes absent", [dyadic([1, 3, 1])]),
  form("Squeeze", 12, "axes given", [dyadic([1, 3, 1])], { axes: ints([-1]) }),
  form("Unsqueeze", 12, "axes", [small], { axes: ints([0, 2]) }),
  form("Split", 12, "absent", [picture], { axis: int(1) }, { outputs: 3 }),
  form("Split", 12, "given", [picture], { axis: int(-3), split: ints([1, 2, 3]) }, { outputs: 3 }),
  form("Split", 17, "absent", [picture], { axis: int(1) }, { outputs: 2 }),
  form("Split", 17, "given", [picture, whole([4, 2])], { axis: int(1) }, { outputs: 2 }),
  form("DFT", 17, "axis absent", [dyadic([2, 5, 3, 1])], {}, { within: near }),
  form("DFT", 17, "axis given", [dyadic([2, 5, 3, 1])], { axis: int(2) }, { within: near }),
  form(
    "Scatter",
    10,
    "axis given",
    [cube, whole([1, 0], [1, 1, 2]), dyadic([1, 1, 2], 3)],
    { axis: int(1) },
    {
      fed: [0, 1, 2],
    },
  ),
  form("Scan", 8, "without lengths", [undefined, cube], {}, { refused: /no body/ }),
];

const dropouts: OldForm[] = [7, 9, 10, 11].flatMap((opset) => [
  form("Dropout", opset, "ratio absent", [cube]),
  form("Dropout", opset, "ratio at its default", [cube], { ratio: float(0.5) }),
  form("Dropout", opset, "ratio given", [cube], { ratio: float(0.25) }),
  form("Dropout", opset, "mask read", [cube], {}, { outputs: 2, refused: /"y1" is read, a mask/ }),
]);

const byElement = (seed: number) => valuesBetween([6, 4, 5], 0.5, 2, seed);
const elements = [picture, byElement(1), byElement(2), byElement(3), byElement(4)];
const groups = { num_groups: int(3), epsilon: float(1e-3) };
const normalizations: OldForm[] = [
  form("BatchNormalization", 8, "spatial absent", channels, {}, { within: near }),
  form("BatchNormalization", 8, "spatial at its default", channels, { spatial: int(1) }, { within: near }),
  form("BatchNormalization", 7, "spatial 0", elements, { spatial: int(0), epsilon: float(0.01) }, {
    within: near,
  }),
  form("BatchNormalization", 8, "spatial 0 of rank 2", [dyadic([3, 6]), ...channels.slice(1)], {
    spatial: int(0),
  }, {
    within: near,
  }),
  form("BatchNormalization", 8, "spatial 0, training", elements, { spatial: int(0) }, {
    outputs: 5,
    refused: /trains on statistics of each element/,
  }),
  form("BatchNormalization", 13, "one output", channels, {}, { within: near }),
  form("BatchNormalization", 13, "statistics of the batch", channels, {}, {
    outputs: 5,
    refused: /"y3" is read, a statistic/,
  }),
  form(
    "GroupNormalization",
    20,
    "scale and bias by group",
    [picture, positive([3]), dyadic([3], 7)],
    groups,
    {
      within: near,
    },
  ),
  form("GroupNormalization", 18, "fed weights", [picture, positive([3]), dyadic([3], 7)], groups, {
    fed: [0, 1, 2],
    within: near,
  }),
];

const scales = (...values: number[]) => tensor("float32", [values.length], values);
const grid = valuesBetween([2, 3, 4, 2], -1.2, 1.2);
const boxes = tensor("float32", [2, 4], [0, 0, 3, 3, 1, 1, 4, 3]);
const resizes: OldForm[] = [
  ...["nearest", "linear"].flatMap((mode) => [
    form("Upsample", 8, `${mode}, scales given`, [image], {
      mode: text(mode),
      scales: floats([1, 1, 2, 1.5]),
    }, { within: near }),
    form("Upsample", 9, `${mode}, scales an input`, [image, scales(1, 1, 2, 3)], { mode: text(mode) }, {
      within: near,
    }),
    form("Resize", 10, `${mode}, larger`, [image, scales(1, 1, 2, 1.5)], { mode: text(mode) }, {
      within: near,
    }),
    form("Resize", 10, `${mode}, smaller`, [image, scales(1, 1, 0.5, 0.5)], { mode: text(mode) }, {
      within: near,
    }),
  ]),
  form("Upsample", 9, "mode absent", [image, scales(1, 1, 2, 2)]),
  form("Upsample", 6, "scales by name", [image], { height_scale: float(2), width_scale: float(3) }, {
    like: {
      opType: "Resize",
      inputs: [image, undefined, scales(1, 1, 2, 3)],
      attributes: { coordinate_transformation_mode: text("asymmetric"), nearest_mode: text("floor") },
    },
  }),
  ...["floor", "round_prefer_floor"].map((nearest) =>
    form("Resize", 11, `TensorFlow's pixels, ${nearest}`, [image, scales(), scales(1, 1, 1.5, 0.4)], {
      coordinate_transformation_mode: text("tf_half_pixel_for_nn"),
      nearest_mode: text(nearest),
    })
  ),
  form("Resize", 11, "TensorFlow's pixels, ceil", [image, scales(), scales(1, 1, 2, 2)], {
    coordinate_transformation_mode: text("tf_half_pixel_for_nn"),
    nearest_mode: text("ceil"),
  }, { refused: /no later opset has tf_half_pixel_for_nn/ }),
  form("Resize", 12, "half_pixel", [image, scales(), scales(1, 1, 2, 2)], { mode: text("cubic") }, {
    within: near,
  }),
  form("RoiAlign", 15, "corners of pixels", [image, boxes, whole([0, 0])], {
    output_height: int(2),
    output_width: int(2),
    sampling_ratio: int(2),
  }, { within: near }),
  ...["bilinear", "nearest", "bicubic", undefined].map((mode) =>
    form("GridSample", 16, `mode ${mode ?? "absent"}`, [picture, grid], mode ? { mode: text(mode) } : {}, {
      within: near,
    })
  ),
];

const softmaxes = ["Softmax", "LogSoftmax", "Hardmax"].flatMap((opType) => [
  form(opType, 12, "axis absent", [cube], {}, { within: near }),
  form(opType, 12, "axis at its default", [cube], { axis: int(1) }, { within: near }),
  form(opType, 12, "the last axis", [cube], { axis: int(-1) }, { within: near }),
]);

/**
 * Forms that need no row, because ONNX Runtime computes what only newer specifications say
 * (test/ops/opset_changes.ts).
 */
const kernel = { kernel_shape: ints([3, 3]), strides: ints([2, 2]) };
const unchanged: OldForm[] = [
  ...["SAME_UPPER", "SAME_LOWER"].map((pad) =>
    form("ConvTranspose", 10, pad, [picture, dyadic([6, 2, 3, 3])], {
      auto_pad: text(pad),
      strides: ints([2, 2]),
    })
  ),
  ...[0, 1].map((counted) =>
    form("AveragePool", 18, `ceil_mode, ${counted ? "counted" : "uncounted"} pads`, [dyadic([1, 2, 6, 5])], {
      ...kernel,
      ceil_mode: int(1),
      pads: ints([1, 1, 1, 1]),
      count_include_pad: int(counted),
    }, { within: near })
  ),
  form("MaxPool", 11, "ceil_mode", [dyadic([1, 2, 6, 5])], {
    ...kernel,
    ceil_mode: int(1),
    pads: ints([1, 1, 1, 1]),
  }),
];

export const oldForms: readonly OldForm[] = [
  ...axesForms,
  ...moved,
  ...dropouts,
  ...normalizations,
  ...resizes,
  ...softmaxes,
  ...ancientForms,
  ...unchanged,
].map((one) => ({ within: exact, ...one }));
