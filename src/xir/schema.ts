// XIR's operators (Vitis AI 3.5, xir/op/built_in_ops.cpp): attributes with the C++ types that its shape inference asks
// for, and arguments. A wrong type is not noticed when XIR reads a file, but ends it when the attribute is used.

/** `int32s`: std::vector<std::int32_t>, and so on. */
export type XirType =
  | "bool"
  | "int32"
  | "float"
  | "double"
  | "string"
  | "bytes"
  | "int32s"
  | "floats"
  | "strings";

type Attribute = XirType | `${XirType}?`;
/** `one` and `many` are required; `many` stands for at least one, in order. */
type Argument = "one" | "optional" | "many";

export type XirSchema = {
  /** A question mark: optional. */
  readonly attributes: Readonly<Record<string, Attribute>>;
  readonly arguments: Readonly<Record<string, Argument>>;
};

const input = { input: "one" } as const;
const operands = { input: "many" } as const;
const plain: XirSchema = { attributes: {}, arguments: input };
const join: XirSchema = { attributes: {}, arguments: operands };
const source = { shape: "int32s", data_type: "string" } as const;

const window = { kernel: "int32s", stride: "int32s", pad_mode: "string", pad: "int32s?" } as const;
/** The last four are not declared in XIR, but vai_q_pytorch writes them, and compilers read them. */
const convolution: XirSchema = {
  attributes: {
    ...window,
    dilation: "int32s?",
    group: "int32?",
    bias_term: "bool?",
    in_dim: "int32?",
    out_dim: "int32?",
  },
  arguments: { ...input, weights: "one", bias: "optional" },
};
const pool = { ...window, global: "bool?" } as const;
const reduction: XirSchema = { attributes: { axis: "int32s", keep_dims: "bool" }, arguments: input };

export const xirSchemas: Readonly<Record<string, XirSchema>> = {
  data: { attributes: source, arguments: {} },
  const: { attributes: { ...source, data: "bytes" }, arguments: {} },
  fix: {
    attributes: { fix_point: "int32", bit_width: "int32", if_signed: "bool", round_mode: "string" },
    arguments: input,
  },
  conv2d: convolution,
  "depthwise-conv2d": convolution,
  "transposed-conv2d": convolution,
  "transposed-depthwise-conv2d": convolution,
  maxpool2d: { attributes: pool, arguments: input },
  avgpool2d: {
    attributes: { ...pool, count_include_pad: "bool?", count_include_invalid: "bool?" },
    arguments: input,
  },
  add: join,
  sub: join,
  mul: join,
  div: join,
  min: join,
  max: join,
  relu: plain,
  relu6: plain,
  "leaky-relu": { attributes: { alpha: "float" }, arguments: input },
  prelu: { attributes: {}, arguments: { ...input, weight: "one" } },
  elu: { attributes: { alpha: "float?" }, arguments: input },
  celu: { attributes: { alpha: "float?" }, arguments: input },
  selu: plain,
  gelu: plain,
  mish: plain,
  sigmoid: plain,
  swish: plain,
  tanh: plain,
  "hard-sigmoid": plain,
  "hard-swish": plain,
  "hard-tanh": plain,
  exp: plain,
  neg: plain,
  softmax: { attributes: { axis: "int32" }, arguments: input },
  argmax: { attributes: { axis: "int32" }, arguments: input },
  reduction_mean: reduction,
  reduction_sum: reduction,
  reduction_max: reduction,
  reduction_product: reduction,
  concat: { attributes: { axis: "int32" }, arguments: operands },
  reshape: { attributes: { shape: "int32s?" }, arguments: { ...input, shape: "optional" } },
  squeeze: { attributes: { axis: "int32s?" }, arguments: input },
  transpose: { attributes: { order: "int32s" }, arguments: input },
  strided_slice: { attributes: { begin: "int32s", end: "int32s", strides: "int32s" }, arguments: input },
  pad: { attributes: { paddings: "int32s", mode: "string", constant_values: "floats?" }, arguments: input },
  resize: {
    attributes: { mode: "string", scale: "floats?", align_corners: "bool?", half_pixel_centers: "bool?" },
    arguments: { ...input, size: "optional" },
  },
  "pixel-shuffle": { attributes: { scale: "int32", upscale: "bool" }, arguments: input },
  matmul: {
    attributes: { transpose_a: "bool", transpose_b: "bool" },
    arguments: { ...operands, bias: "optional" },
  },
  scale: { attributes: { axis: "int32?" }, arguments: { ...input, scale: "one", bias: "optional" } },
};

/** The type of an attribute and whether it must be present. */
export function typeOfAttribute(
  written: Attribute,
): { readonly type: XirType; readonly isOptional: boolean } {
  const isOptional = written.endsWith("?");
  return { type: (isOptional ? written.slice(0, -1) : written) as XirType, isOptional };
}
