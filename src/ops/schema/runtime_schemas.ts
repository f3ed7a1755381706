// Schemas of ONNX Runtime's own operators that halftone knows (ContribOperators.md), in the form of schemas.ts, once for all
// versions. `*`: attributes are not checked, because versions of ONNX Runtime add some.

/** Domain com.microsoft. */
export const runtimeSchemas = `
Attention | 1;input:T weights:T bias?:T mask_index?:M past?:T attention_bias?:T past_sequence_length?:M;output:T present?:T;*;T=10c02 M=40
BiasAdd | 1;X:T bias:T skip:T;Y:T;*;T=10c02
BiasGelu | 1;A:T B:T;C:T;*;T=10c02
BiasSplitGelu | 1;X:T bias:T;Y:T;*;T=10c02
EmbedLayerNormalization | 1;input_ids:M segment_ids?:M word_embedding:T position_embedding:T segment_embedding?:T gamma:T beta:T mask?:M position_ids?:M;output:T mask_index?:M embedding_sum?:T;*;T=10c02 M=40
FastGelu | 1;X:T bias?:T;Y:T;*;T=10c02
FusedConv | 1;X:T W:T B?:T Z?:T;Y:T;*;T=10c02
FusedGemm | 1;A:T B:T C?:T;Y:T;*;T=10c02
FusedMatMul | 1;A:T B:T;Y:T;*;T=10c02
FusedMatMulActivation | 1;A:T B:T;Y:T;*;T=10c02
Gelu | 1;X:T;Y:T;*;T=10c02
GroupQueryAttention | 1;query:T key?:T value?:T past_key?:T past_value?:T seqlens_k:M total_sequence_length:M cos_cache?:T sin_cache?:T position_ids?:I attention_bias?:T head_sink?:T;output:T present_key?:T present_value?:T output_qk?:T;*;T=10c02 M=40 I=80
MultiHeadAttention | 1;query:T key?:T value?:T bias?:T key_padding_mask?:M attention_bias?:T past_key?:T past_value?:T past_sequence_length?:M cache_indirection?:M;output:T present_key?:T present_value?:T qk?:T;*;T=10c02 M=40
NhwcConv | 1;X:T W:T B?:T;Y:T;*;T=10c02
QuickGelu | 1;X:T;Y:T;*;T=10c02
RotaryEmbedding | 1;input:T position_ids:I cos_cache:T sin_cache:T;output:T;*;T=10c02 I=80
SkipLayerNormalization | 1;input:T skip:T gamma:T beta?:T bias?:T;output:T mean?:U inv_std_var?:U input_skip_bias_sum?:T;*;T=10c02 U=2
SkipSimplifiedLayerNormalization | 1;input:T skip:T gamma:T bias?:T;output:T mean?:U inv_std_var?:U input_skip_bias_sum?:T;*;T=10c02 U=2
TransposeMatMul | 1;A:T B:T;Y:T;*;T=10c02
`;

/** In ONNX's domain, but in ONNX Runtime only, or there before ONNX had them. */
export const earlySchemas = `
LayerNormalization | 1;X:T Scale:V B?:V;Y:V Mean?:U InvStdDev?:U;*;T=10c02 V=10c02 U=c02
SimplifiedLayerNormalization | 1;X:T Scale:V;Y:V InvStdDev?:U;*;T=10c02 V=10c02 U=c02
`;
