// The table of ONNX Runtime's own operators (domain com.microsoft): each export has the operator's name. Those on
// codes are in ONNX's table.
export {
  FusedConv,
  FusedGemm,
  FusedMatMul,
  FusedMatMulActivation,
  NhwcConv,
  TransposeMatMul,
} from "./fused.ts";
export { BiasAdd, BiasGelu, BiasSplitGelu, FastGelu, Gelu, QuickGelu } from "./gelu.ts";
export { Attention } from "./attention.ts";
export { EmbedLayerNormalization } from "./embed_normalization.ts";
export { GroupQueryAttention } from "./group_query_attention.ts";
export { MultiHeadAttention } from "./multi_head_attention.ts";
export { RotaryEmbedding } from "./rotary_embedding.ts";
export { SkipLayerNormalization, SkipSimplifiedLayerNormalization } from "./skip_normalization.ts";
