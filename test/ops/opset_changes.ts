// Every change of an operator that halftone knows, between opsets 7 and newest, that needs no row in
// src/ops/upgrade/upgrades.ts, with the reason. `types`, `additions` and `wording` are checked against ONNX's own
// schemas; the texts of `meaning` say why nodes of the older form mean the same in the newer one.

/** Only element types were added. */
export const types = `
    Abs 13, Acos 22, Acosh 22, Add 13 14, ArgMax 13, ArgMin 13, Asin 22, Asinh 22, Atan 22, Atanh 22,
    BitShift 28, Cast 9 13 21 23 25 28, CastLike 21 23 25, Ceil 13, Celu 28, Clip 12 13, Compress 28,
    Concat 13, Constant 9 13 19 21 23 24 25, ConstantOfShape 20 21 23 24 25, Conv 22, ConvTranspose 22,
    Cos 22, Cosh 22, CumSum 14, DeformConv 22, DepthToSpace 13, DequantizeLinear 19 24 25 28, Det 22,
    Div 13 14, Dropout 13 22, Einsum 28, Elu 22, Equal 11 13 19, Exp 13, Expand 13, EyeLike 22,
    Flatten 9 13 21 23 24 25, Floor 13, GRU 22, Gather 13, GatherElements 13, GatherND 13, Gemm 9 13,
    GlobalAveragePool 22, GlobalLpPool 22, GlobalMaxPool 22, Greater 9 13, GreaterOrEqual 16,
    GridSample 22, HardSigmoid 22, HardSwish 22, Identity 13 14 19 21 23 24 25,
    If 13 16 19 21 23 24 25, InstanceNormalization 22, IsInf 20, IsNaN 13 20, LRN 13, LSTM 22,
    LeakyRelu 16, Less 9 13, LessOrEqual 16, Log 13, Loop 13 16 19 21 23 24 25, LpNormalization 22,
    MatMul 9 13, Max 12 13, MaxPool 12, MaxUnpool 22, Mean 13, MeanVarianceNormalization 13, Min 12 13,
    Mish 22, Mod 13, Mul 13 14, Neg 13, NegativeLogLikelihoodLoss 22, NonZero 13, OneHot 28, PRelu 16,
    Pad 13 21 23 24 25, Pow 12 13 15, QLinearMatMul 21, QuantizeLinear 24 25 28, RNN 22, Reciprocal 13,
    ReduceL1 13, ReduceL2 13, ReduceLogSum 13, ReduceLogSumExp 13, ReduceMax 12 13 20, ReduceMean 13,
    ReduceMin 12 13 20, ReduceProd 13, ReduceSumSquare 13, Relu 13 14, Reshape 13 19 21 23 24 25,
    ReverseSequence 28, RoiAlign 22, Round 22, Scan 16 19 21 23 24 25, ScatterElements 13,
    ScatterND 13, Selu 22, Shape 13 19 21 23 24 25, Sigmoid 13, Sign 13, Sin 22, Sinh 22,
    Size 13 19 21 23 24 25, Slice 13, SoftmaxCrossEntropyLoss 13, Softplus 22, Softsign 22,
    SpaceToDepth 13, Sqrt 13, Squeeze 21 23 24 25, Sub 13 14, Sum 13, Tan 22, Tanh 13,
    ThresholdedRelu 22, Tile 13, TopK 24, Transpose 13 21 23 24 25, Unique 28, Unsqueeze 21 23 24 25,
    Where 16
`;

/** Inputs, outputs or attributes were added; without them, the operator is unchanged. */
export const additions = `
    ArgMax 12, ArgMin 12, Attention 24 25, AveragePool 10, Cast 19 24, CastLike 19 24, Constant 12,
    DepthToSpace 11, DequantizeLinear 13 21 23, GRU 14, GatherND 12, LSTM 14, LpPool 18, MaxPool 8 10,
    Pad 18, QuantizeLinear 13 19 21 23, RNN 14, Range 27, Reshape 14, Resize 18, ScatterElements 16,
    ScatterND 16, Shape 15, SpaceToDepth 28, TopK 11
`;

/** The signature is unchanged; only the wording of the specification is, or it allows negative axes, too. */
export const wording = `
    ArgMax 11, ArgMin 11, AveragePool 11, BatchNormalization 15, Compress 11, Concat 11, Conv 11,
    DepthToSpace 28, Flatten 11, Gather 11, Hardmax 11, Identity 16, If 11, LogSoftmax 11, LpPool 11,
    MaxPool 11, MaxUnpool 11, NegativeLogLikelihoodLoss 13, NonMaxSuppression 11, OneHot 11,
    ReduceL1 11, ReduceL2 11, ReduceLogSum 11, ReduceLogSumExp 11, ReduceMax 11, ReduceMean 11,
    ReduceMin 11, ReduceProd 11, ReduceSum 11, ReduceSumSquare 11, Scan 11, Slice 11, Softmax 11,
    Split 11, Squeeze 11, Unsqueeze 11
`;

/** By operator and opset. */
export const meaning: Readonly<Record<string, string>> = {
  "AveragePool 19":
    "dilations were added; a ceil_mode window that starts in the padding counts as ONNX Runtime did before",
  "AveragePool 22":
    "types were added; windows that would start behind the input were never there in ONNX Runtime",
  "Constant 11": "value is no longer required, because sparse_value may take its place",
  "ConvTranspose 11":
    "SAME_UPPER and SAME_LOWER changed places in the text; ONNX Runtime computes both versions as 11 says",
  "Erf 13": "bfloat16 came, integers went; nobody computes the error function of integers",
  "Gemm 11": "C may be absent",
  "Loop 11": "it may carry no values",
  "LpPool 22": "types were added; windows that would start behind the input were never there in ONNX Runtime",
  "Max 8": "operands may broadcast",
  "MaxPool 22":
    "types were added; windows that would start behind the input were never there in ONNX Runtime",
  "Mean 8": "operands may broadcast",
  "Min 8": "operands may broadcast",
  "Mod 28": "the text says which type goes with which fmod; ONNX Runtime refused the others before",
  "PRelu 9": "types were added",
  "Pad 19": "mode wrap was added",
  "ReduceLogSum 28": "integers went: their logarithm was never defined",
  "ReduceLogSumExp 28": "integers went: their exponential was never defined",
  "Resize 19": "half_pixel_symmetric and the rounding of sizes to a kept aspect ratio were added",
  "ScatterElements 18": "reductions max and min were added",
  "ScatterND 18": "reductions max and min were added",
  "Sum 8": "operands may broadcast",
};
