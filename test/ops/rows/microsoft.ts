// Rows of ONNX Runtime's own operators (com.microsoft), as its optimizer and its tools for transformers write them.
import type { Attribute } from "../../../src/graph/graph.ts";
import type { Shape } from "../../../src/tensor/shape.ts";
import { type Tensor, tensor } from "../../../src/tensor/tensor.ts";
import { absolute } from "../agreement.ts";
import { dyadic, float, floatsOf, int, ints, type Row, text, valuesBetween } from "../one_node.ts";

const near = absolute(2 ** -17, "sums of dozens of numbers of about one, exp within 3 + 2·|x| ulp");

export const row = (
  opType: string,
  about: string,
  inputs: Row["inputs"],
  attributes: Record<string, Attribute> = {},
  more: Partial<Row> = {},
): Row => ({ opType, domain: "com.microsoft", about, attributes, inputs, within: near, opset: 17, ...more });

export const words = (values: readonly number[], shape: Shape = [values.length]): Tensor =>
  tensor("int32", shape, values);
const activation = (name: string, ...params: number[]) => ({
  activation: text(name),
  ...params.length ? { activation_params: floatsOf(params) } : {},
});

const picture = dyadic([2, 4, 6, 5]);
const kernel = dyadic([3, 4, 3, 3], 7);
const bias = dyadic([3], 2);
const edge = { pads: ints([1, 1, 1, 1]) };
const convolutions: Row[] = [
  row("FusedConv", "Relu", [picture, kernel, bias], { ...edge, ...activation("Relu") }),
  row("FusedConv", "without a bias, Sigmoid", [picture, kernel], { ...edge, ...activation("Sigmoid") }),
  row("FusedConv", "Tanh, strides", [picture, kernel, bias], {
    strides: ints([2, 2]),
    ...activation("Tanh"),
  }),
  row("FusedConv", "LeakyRelu", [picture, kernel, bias], activation("LeakyRelu", 0.125)),
  row("FusedConv", "Clip", [picture, kernel, bias], activation("Clip", -0.5, 1.5)),
  row("FusedConv", "Clip, opset 9", [picture, kernel, bias], activation("Clip", -0.5, 1.5), { opset: 9 }),
  row("FusedConv", "HardSigmoid", [picture, kernel, bias], activation("HardSigmoid", 0.25, 0.5)),
  row("FusedConv", "what is added before Relu", [picture, kernel, bias, dyadic([2, 3, 6, 5], 5)], {
    ...edge,
    ...activation("Relu"),
  }, { fed: [0, 3] }),
  row("FusedConv", "one axis", [dyadic([2, 4, 9]), dyadic([3, 4, 3], 7)], activation("Relu")),
];

const matrix = dyadic([4, 6]);
const products: Row[] = [
  row("FusedGemm", "Relu", [matrix, dyadic([6, 5], 3), dyadic([5], 2)], activation("Relu")),
  row("FusedGemm", "LeakyRelu, transposed weights", [matrix, dyadic([5, 6], 3), dyadic([5], 2)], {
    transB: int(1),
    alpha: float(0.5),
    activation: text("LeakyRelu"),
    activation_alpha: float(0.125),
  }),
  row("FusedMatMul", "a factor", [matrix, dyadic([6, 5], 3)], { alpha: float(0.25) }),
  row("FusedMatMul", "b transposed", [dyadic([2, 3, 4, 6]), dyadic([2, 3, 5, 6], 3)], {
    transB: int(1),
    alpha: float(0.125),
  }, { fed: [0, 1] }),
  row("FusedMatMul", "a and b transposed", [dyadic([2, 6, 4]), dyadic([5, 6], 3)], {
    transA: int(1),
    transB: int(1),
  }),
  row("FusedMatMul", "a's batches behind its rows", [dyadic([4, 2, 6]), dyadic([2, 6, 5], 3)], {
    transBatchA: int(1),
  }, { fed: [0, 1] }),
  row("FusedMatMul", "both with batches behind rows, and transposed", [
    dyadic([6, 2, 4]),
    dyadic([5, 2, 6], 3),
  ], {
    transBatchA: int(1),
    transBatchB: int(1),
    transA: int(1),
    transB: int(1),
  }, { fed: [0, 1] }),
  row("TransposeMatMul", "a transposed", [dyadic([6, 4]), dyadic([6, 5], 3)], { transA: int(1) }),
];

const line = valuesBetween([2, 3, 8], -4, 4);
const gelus: Row[] = [
  row("Gelu", "of numbers", [line]),
  row("FastGelu", "without a bias", [line]),
  row("FastGelu", "with a bias", [line, dyadic([8])]),
  row("BiasGelu", "with a bias", [line, dyadic([8])]),
  row("QuickGelu", "the default", [line]),
  row("QuickGelu", "SiLU", [line], { alpha: float(1) }),
];

const gamma = valuesBetween([8], 0.5, 2);
const beta = dyadic([8], 5);
const skip = valuesBetween([2, 3, 8], -2, 2, 5);
const simplifiedRow = (about: string, outputs = 1): Row => ({
  ...row("SimplifiedLayerNormalization", about, [line, gamma], { axis: int(-1), epsilon: float(1e-6) }, {
    outputs,
  }),
  domain: "",
});
const normalizations: Row[] = [
  {
    ...row("LayerNormalization", "opset 12, before ONNX had it", [line, gamma, beta], {}, { opset: 12 }),
    domain: "",
  },
  simplifiedRow("the last axis"),
  simplifiedRow("and the inverse deviation", 2),
  row("SkipLayerNormalization", "a sum", [line, skip, gamma, beta], {}, { fed: [0, 1] }),
  row("SkipLayerNormalization", "no beta, the same for all rows", [
    line,
    valuesBetween([1, 3, 8], -2, 2),
    gamma,
  ]),
  row("SkipLayerNormalization", "a bias, and the sum", [line, skip, gamma, beta, dyadic([8], 9)], {
    epsilon: float(1e-5),
  }, { fed: [0, 1], present: [0, 3] }),
  row("SkipSimplifiedLayerNormalization", "a sum", [line, skip, gamma], {}, { fed: [0, 1] }),
  row("SkipSimplifiedLayerNormalization", "a bias, and the sum", [line, skip, gamma, dyadic([8], 9)], {}, {
    fed: [0, 1],
    present: [0, 3],
  }),
];

const ids = words([0, 3, 4, 1, 2, 2], [2, 3]);
const tables = [dyadic([5, 8]), dyadic([4, 8], 3)];
const segment = dyadic([2, 8], 6);
const embeddings: Row[] = [
  row(
    "EmbedLayerNormalization",
    "words and places",
    [ids, undefined, ...tables, undefined, gamma, beta],
    {},
    { outputs: 2 },
  ),
  row(
    "EmbedLayerNormalization",
    "segments and a mask",
    [
      ids,
      words([0, 1, 0, 1, 1, 0], [2, 3]),
      ...tables,
      segment,
      gamma,
      beta,
      words([1, 1, 0, 1, 0, 0], [2, 3]),
    ],
    { epsilon: float(1e-5) },
    { fed: [0, 1, 7], outputs: 2 },
  ),
  row(
    "EmbedLayerNormalization",
    "places given, and the sum",
    [ids, undefined, ...tables, undefined, gamma, beta, undefined, words([1, 2, 3, 0, 1, 2], [2, 3])],
    {},
    { fed: [0, 8], outputs: 3 },
  ),
];

/** Only providers other than the CPU's have NhwcConv, BiasAdd, BiasSplitGelu and FusedMatMulActivation. */
export const microsoftRows: readonly Row[] = [
  ...convolutions,
  ...products,
  ...gelus,
  ...normalizations,
  ...embeddings,
];
