// The table of halftone's own operators, which only passes write and no file contains; each export has the operator's
// name.
export { Adam, RandomMask } from "./train.ts";
export { CodeTable } from "./code_table.ts";
export { ConvMoments, ProductMoments } from "./moments.ts";
export { ConvTransposeMoments } from "./conv_transpose_moments.ts";
export { ConvWeightGradient } from "./weight_gradient.ts";
export { FakeQuantize, FakeQuantizeGradient } from "./fake_quantize.ts";
export { Fix } from "./fix.ts";
export { GruSteps, LstmSteps, RnnSteps } from "./recurrent_steps.ts";
export { MaxPoolGradient } from "./max_pool_gradient.ts";
export { Observe } from "./observe.ts";
export { UnaryGradient } from "./unary_gradient.ts";
