// The table of operators: an export's name is the ONNX name.
export { BatchNormalization } from "./batch_normalization.ts";
export { Add, Div, Max, Min, Mul, Pow, PRelu, Sub } from "./binary.ts";
export { Concat } from "./concat.ts";
export { Cast, Constant, ConstantOfShape, Gather, Shape_ as Shape, Size } from "./constants.ts";
export { Conv } from "./conv.ts";
export { DynamicQuantizeLinear } from "./dynamic_quantize.ts";
export { ConvInteger, MatMulInteger } from "./integer_product.ts";
export { Gemm } from "./gemm.ts";
export { MatMul } from "./mat_mul.ts";
export { ConvMoments, ProductMoments } from "./moments.ts";
export { Observe } from "./observe.ts";
export { Pad } from "./pad.ts";
export { AveragePool, GlobalAveragePool, GlobalMaxPool, MaxPool } from "./pool.ts";
export { QLinearAveragePool, QLinearGlobalAveragePool } from "./qlinear_average.ts";
export { QLinearConv } from "./qlinear_conv.ts";
export { QLinearAdd, QLinearConcat, QLinearMul } from "./qlinear_join.ts";
export { QGemm, QLinearMatMul } from "./qlinear_mat_mul.ts";
export { DequantizeLinear, FakeQuantize, QuantizeLinear } from "./quantize.ts";
export {
  ReduceL1,
  ReduceL2,
  ReduceMax,
  ReduceMean,
  ReduceMin,
  ReduceProd,
  ReduceSum,
  ReduceSumSquare,
} from "./reduce.ts";
export { Dropout, Flatten, Identity, Reshape, Squeeze, Unsqueeze } from "./reshape.ts";
export { Slice } from "./slice.ts";
export { LogSoftmax, Softmax } from "./softmax.ts";
export { Transpose } from "./transpose.ts";
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
