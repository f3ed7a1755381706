// The table of operators: each export has its ONNX name. Code that operator files share is in the folders beside
// them.
export * from "./halftone/mod.ts";
export {
  Celu,
  Elu,
  Gelu,
  HardSigmoid,
  HardSwish,
  LeakyRelu,
  Mish,
  Relu,
  Selu,
  Shrink,
  Sigmoid,
  Softplus,
  Softsign,
  Swish,
  Tanh,
  ThresholdedRelu,
} from "./activation.ts";
export { ArgMax, ArgMin } from "./arg_reduce.ts";
export { Attention } from "./attention.ts";
export { BatchNormalization } from "./batch_normalization.ts";
export { Add, Div, Mod, Mul, Pow, PRelu, Sub } from "./binary.ts";
export { Cast, CastLike } from "./cast.ts";
export { Clip } from "./clip.ts";
export { Col2Im } from "./col2im.ts";
export { Concat } from "./concat.ts";
export { Constant, ConstantOfShape, EyeLike, Range, Shape_ as Shape, Size } from "./constants.ts";
export { If, Loop, Scan } from "./control.ts";
export { DFT, STFT } from "./fourier.ts";
export { BlackmanWindow, HammingWindow, HannWindow, MelWeightMatrix } from "./spectral_tables.ts";
export { NonMaxSuppression } from "./non_max_suppression.ts";
export { NonZero } from "./non_zero.ts";
export { TfIdfVectorizer } from "./tf_idf_vectorizer.ts";
export { Unique } from "./unique.ts";
export { GRU, LSTM, RNN } from "./recurrent.ts";
export { Conv } from "./conv.ts";
export { ConvInteger } from "./conv_integer.ts";
export { ConvTranspose } from "./conv_transpose.ts";
export { CumSum } from "./cum_sum.ts";
export { DeformConv } from "./deform_conv.ts";
export { DepthToSpace, SpaceToDepth } from "./depth_space.ts";
export { Det } from "./det.ts";
export { Dropout } from "./dropout.ts";
export { Einsum } from "./einsum.ts";
export { Expand, Tile } from "./expand.ts";
export { Compress, Gather, GatherElements, GatherND } from "./gather.ts";
export { DynamicQuantizeLinear } from "./dynamic_quantize.ts";
export { Gemm } from "./gemm.ts";
export { AffineGrid, GridSample } from "./grid_sample.ts";
export { GroupNormalization, InstanceNormalization } from "./instance_normalization.ts";
export { LayerNormalization, RMSNormalization, SimplifiedLayerNormalization } from "./layer_normalization.ts";
export { LRN } from "./local_response_normalization.ts";
export {
  And,
  BitShift,
  BitwiseAnd,
  BitwiseNot,
  BitwiseOr,
  BitwiseXor,
  Equal,
  Greater,
  GreaterOrEqual,
  IsInf,
  IsNaN,
  Less,
  LessOrEqual,
  Not,
  Or,
  Xor,
} from "./logic.ts";
export { NegativeLogLikelihoodLoss, SoftmaxCrossEntropyLoss } from "./loss.ts";
export { MatMulInteger } from "./mat_mul_integer.ts";
export { MatMul } from "./mat_mul.ts";
export { MaxUnpool } from "./max_unpool.ts";
export { LpNormalization, MeanVarianceNormalization } from "./mean_variance_normalization.ts";
export { OneHot } from "./one_hot.ts";
export { CenterCropPad, Pad } from "./pad.ts";
export { AveragePool, GlobalAveragePool, GlobalLpPool, GlobalMaxPool, LpPool, MaxPool } from "./pool.ts";
export { QLinearAveragePool, QLinearGlobalAveragePool } from "./qlinear_average.ts";
export { QLinearConv } from "./qlinear_conv.ts";
export { QLinearLeakyRelu, QLinearSigmoid } from "./qlinear_functions.ts";
export { QLinearAdd, QLinearConcat, QLinearMul } from "./qlinear_join.ts";
export { QGemm, QLinearMatMul } from "./qlinear_mat_mul.ts";
export { DequantizeLinear, QuantizeLinear } from "./quantize.ts";
export {
  ReduceL1,
  ReduceL2,
  ReduceLogSum,
  ReduceLogSumExp,
  ReduceMax,
  ReduceMean,
  ReduceMin,
  ReduceProd,
  ReduceSum,
  ReduceSumSquare,
} from "./reduce.ts";
export { Flatten, Identity, Reshape, Squeeze, Unsqueeze } from "./reshape.ts";
export { Resize, Resize as Upsample } from "./resize.ts";
export { ReverseSequence } from "./reverse_sequence.ts";
export { RoiAlign } from "./roi_align.ts";
export { ScatterElements, ScatterElements as Scatter, ScatterND } from "./scatter.ts";
export { Slice } from "./slice.ts";
export { Hardmax, LogSoftmax, Softmax } from "./softmax.ts";
export { Split } from "./split.ts";
export { TopK } from "./top_k.ts";
export { Transpose } from "./transpose.ts";
export { Trilu } from "./trilu.ts";
export {
  Abs,
  Acos,
  Acosh,
  Asin,
  Asinh,
  Atan,
  Atanh,
  Ceil,
  Cos,
  Cosh,
  Erf,
  Exp,
  Floor,
  Log,
  Neg,
  Reciprocal,
  Round,
  Sign,
  Sin,
  Sinh,
  Sqrt,
  Tan,
} from "./unary.ts";
export { Max, Mean, Min, Sum } from "./variadic.ts";
export { Where } from "./where.ts";
