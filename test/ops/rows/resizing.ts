// Rows of Resize and its predecessors.
import { tensor } from "../../../src/tensor/tensor.ts";
import { absolute, exact } from "../agreement.ts";
import { dyadic, float, int, ints, type Row, text, whole } from "../one_node.ts";

type Numbers = readonly number[];
const floats = (values: Numbers) => tensor("float32", [values.length], values);
const weights = absolute(2 ** -19, "weights in single precision on values of at most 1, up to 64 taps");

type Options = Record<string, string | number>;
const attributesOf = (options: Options) =>
  Object.fromEntries(
    Object.entries(options).map(([key, value]) => [
      key,
      typeof value === "string" ? text(value) : /coeff|value/.test(key) ? float(value) : int(value),
    ]),
  );

function resize(
  about: string,
  shape: Numbers,
  to: { scales?: Numbers; sizes?: Numbers },
  options: Options,
): Row {
  const sizes = to.sizes && whole(to.sizes);
  return {
    opType: "Resize",
    about,
    inputs: [dyadic(shape), undefined, to.scales && floats(to.scales), sizes],
    attributes: attributesOf(options),
    opset: 19,
    within: options.mode === "nearest" ? exact : weights,
  };
}

const transforms = [
  "half_pixel",
  "pytorch_half_pixel",
  "asymmetric",
  "align_corners",
  "half_pixel_symmetric",
];
const roundings = ["round_prefer_floor", "round_prefer_ceil", "floor", "ceil"];

const nearest: Row[] = transforms.flatMap((coordinate_transformation_mode) =>
  roundings.flatMap((nearest_mode) => {
    const options = { mode: "nearest", coordinate_transformation_mode, nearest_mode };
    const about = `nearest, ${coordinate_transformation_mode}, ${nearest_mode}`;
    return [
      resize(`${about}, larger`, [1, 2, 3, 4], { scales: [1, 1, 2.3, 3] }, options),
      resize(`${about}, smaller`, [2, 1, 9, 7], { sizes: [2, 1, 4, 3] }, options),
    ];
  })
);

const smooth: Row[] = transforms.flatMap((coordinate_transformation_mode) =>
  ["linear", "cubic"].flatMap((mode) => {
    const options = { mode, coordinate_transformation_mode };
    const about = `${mode}, ${coordinate_transformation_mode}`;
    return [
      resize(`${about}, larger`, [1, 2, 3, 4], { scales: [1, 1, 2, 1.6] }, options),
      resize(`${about}, smaller`, [1, 2, 9, 8], { scales: [1, 1, 0.6, 0.5] }, options),
    ];
  })
);

const cubic: Row[] = [
  resize("cubic, another coefficient, nothing outside", [1, 2, 4, 5], { scales: [1, 1, 1.7, 0.7] }, {
    mode: "cubic",
    cubic_coeff_a: -0.5,
    exclude_outside: 1,
  }),
];

const smoothed: Row[] = ["linear", "cubic"].flatMap((mode) =>
  [0, 1].map((exclude_outside) =>
    resize(`${mode}, antialias, exclude_outside ${exclude_outside}`, [1, 2, 13, 11], {
      scales: [1, 1, 0.4, 0.3],
    }, {
      mode,
      antialias: 1,
      exclude_outside,
    })
  )
);

const cropped: Row[] = ["nearest", "linear", "cubic"].flatMap((mode) =>
  [
    ["a region that reaches outside", [4, 7]] as const,
    ["a region of an axis that keeps its length, which is all of it", [4, 6]] as const,
  ].map(([about, sizes]): Row => ({
    opType: "Resize",
    about: `${mode}, ${about}`,
    inputs: [
      dyadic([1, 2, 5, 6]),
      floats([0, 0, 0.4, -0.3, 1, 1, 1.2, 0.8]),
      undefined,
      whole([1, 2, ...sizes]),
    ],
    attributes: attributesOf({
      mode,
      coordinate_transformation_mode: "tf_crop_and_resize",
      extrapolation_value: 7.5,
    }),
    within: mode === "nearest" ? exact : weights,
  }))
);

const others: Row[] = [
  resize("one axis of three", [2, 5, 3], { scales: [1, 1.8, 1] }, { mode: "linear" }),
  resize("nothing changes", [1, 2, 3, 4], { scales: [1, 1, 1, 1] }, { mode: "linear" }),
  resize("volumes", [1, 2, 3, 4, 2], { scales: [1, 1, 2, 0.5, 1.5] }, { mode: "linear" }),
  resize("volumes, nearest", [1, 1, 3, 4, 2], { scales: [1, 1, 2, 0.5, 1.5] }, { mode: "nearest" }),
  {
    ...resize("axes, the last first", [1, 2, 3, 4], { sizes: [5, 6] }, { mode: "nearest" }),
    attributes: { ...attributesOf({ mode: "nearest" }), axes: ints([3, 2]) },
  },
  ...["not_larger", "not_smaller"].map((keep_aspect_ratio_policy): Row => ({
    ...resize(keep_aspect_ratio_policy, [1, 2, 3, 5], { sizes: [7, 9] }, { mode: "nearest" }),
    attributes: {
      ...attributesOf({ mode: "nearest", keep_aspect_ratio_policy }),
      axes: ints([2, 3]),
    },
  })),
  {
    opType: "Resize",
    about: "integers",
    inputs: [tensor("int32", [1, 1, 1, 3], [2 ** 24 + 1, -1, 5]), undefined, floats([1, 1, 2, 2])],
    within: exact,
  },
  ...["nearest", "linear"].flatMap((mode): Row[] => [
    {
      opType: "Resize",
      about: `opset 10, ${mode}`,
      inputs: [dyadic([1, 2, 3, 4]), floats([1, 1, 2, 1.5])],
      attributes: { mode: text(mode) },
      opset: 10,
      within: mode === "nearest" ? exact : weights,
    },
    {
      opType: "Upsample",
      about: `opset 9, ${mode}`,
      inputs: [dyadic([1, 2, 3, 4]), floats([1, 1, 2, 3])],
      attributes: { mode: text(mode) },
      opset: 9,
      within: mode === "nearest" ? exact : weights,
    },
    {
      opType: "Upsample",
      about: `opset 7, ${mode}`,
      inputs: [dyadic([1, 2, 3, 4])],
      attributes: { mode: text(mode), scales: { type: "floats", value: [1, 1, 2, 2] } },
      opset: 7,
      within: mode === "nearest" ? exact : weights,
    },
  ]),
];

export const resizingRows: readonly Row[] = [
  ...nearest,
  ...smooth,
  ...cubic,
  ...smoothed,
  ...cropped,
  ...others,
];
