// The table of operators: an export's name is the ONNX name.
export { ArgMax, ArgMin } from "./arg_reduce.ts";
export { BatchNormalization } from "./batch_normalization.ts";
export { Add, Div, Max, Min, Mul, Pow, PRelu, Sub } from "./binary.ts";
export { Concat } from "./concat.ts";
export { Cast, Constant, ConstantOfShape, EyeLike, Range, Shape_ as Shape, Size } from "./constants.ts";
export { Conv } from "./conv.ts";
export { CumSum } from "./cum_sum.ts";
export { DepthToSpace, SpaceToDepth } from "./depth_space.ts";
export { Det } from "./det.ts";
export { Expand, Tile } from "./expand.ts";
export { Compress, Gather, GatherElements, GatherND } from "./gather.ts";
export { Gemm } from "./gemm.ts";
export { GroupNormalization, InstanceNormalization } from "./instance_normalization.ts";
export { LayerNormalization, RMSNormalization } from "./layer_normalization.ts";
export { LRN } from "./local_response_normalization.ts";
export { NegativeLogLikelihoodLoss, SoftmaxCrossEntropyLoss } from "./loss.ts";
export { MatMul } from "./mat_mul.ts";
export { LpNormalization, MeanVarianceNormalization } from "./mean_variance_normalization.ts";
export { Observe } from "./observe.ts";
export { CenterCropPad, Pad } from "./pad.ts";
export { AveragePool, GlobalAveragePool, GlobalMaxPool, MaxPool } from "./pool.ts";
export { DequantizeLinear, FakeQuantize, QuantizeLinear } from "./quantize.ts";
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
export { Dropout, Flatten, Identity, Reshape, Squeeze, Unsqueeze } from "./reshape.ts";
export { Resize, Resize as Upsample } from "./resize.ts";
export { ReverseSequence } from "./reverse_sequence.ts";
export { ScatterElements, ScatterElements as Scatter, ScatterND } from "./scatter.ts";
export { Slice } from "./slice.ts";
export { Hardmax, LogSoftmax, Softmax } from "./softmax.ts";
export { Split } from "./split.ts";
export { TopK } from "./top_k.ts";
export { Transpose } from "./transpose.ts";
export { Trilu } from "./trilu.ts";
export {
  Abs,
  Ceil,
  Clip,
  Exp,
  Floor,
  HardSigmoid,
  HardSwish,
  LeakyRelu,
  Log,
  Neg,
  Reciprocal,
  Relu,
  Sigmoid,
  Sqrt,
  Tanh,
} from "./unary.ts";
