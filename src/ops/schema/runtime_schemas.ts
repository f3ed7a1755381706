// Written by test/golden/schemas.py from onnxruntime 1.32.0; src/ops/schema/schema.ts says how to read it.
export const runtimeSchemas = `
Attention | 1;input:T weights:T bias?:T mask_index?:M past?:T attention_bias?:T past_sequence_length?:M;output:T present?:T;do_rotary:i mask_filter_value:f num_heads:i! past_present_share_buffer:i qkv_hidden_sizes:I rotary_embedding_dim:i scale:f unidirectional:i;T=10402 M=40
AttnLSTM | 1;X:T W:T R:T B?:T sequence_lens?:T1 initial_h?:T initial_c?:T P?:T QW?:T MW?:T V?:T M?:T memory_seq_lens?:T1 AW?:T;Y?:T Y_h?:T Y_c?:T;activation_alpha:F activation_beta:F activations:S clip:f direction:s hidden_size:i input_forget:i;T=802 T1=40
BeamSearch | 1;input_ids:F max_length:I min_length?:I num_beams:I num_return_sequences:I length_penalty?:T repetition_penalty?:T vocab_mask?:M prefix_vocab_mask?:M attention_mask?:I decoder_input_ids?:I logits_processor?:I;sequences:I sequences_scores?:T scores?:T;decoder:g! decoder_start_token_id:i early_stopping:i encoder:g eos_token_id:i! init_decoder:g model_type:i no_repeat_ngram_size:i pad_token_id:i! vocab_size:i;F=442 I=40 T=402 M=40
BiasAdd | 1;X:T bias:T skip:T;Y:T;;T=402
BiasDropout | 1;data:T bias:T residual?:T ratio?:T1 training_mode?:T2;output:T mask?:T2;seed:i;T=10c02 T1=10c02 T2=200
BiasGelu | 1;A:T B:T;C:T;;T=10c02
BiasSoftmax | 1;data:T bias:T;output:T;axis:i is_inner_broadcast:i!;T=c02
BiasSplitGelu | 1;X:T bias:T;Y:T;;T=402
BifurcationDetector | 1;src_tokens:T cur_tokens:T prev_suffix_match_idx:T pred_tokens?:T;tokens:T suffix_match_idx:T;max_ngram_size:i min_ngram_size:i;T=80
BitmaskBiasDropout | 1;data:T bias:T residual?:T ratio?:T1 training_mode?:T2;output:T mask?:T3;seed:i;T=10c02 T1=10c02 T2=200 T3=1000
BitmaskDropout | 1;data:T ratio?:T1 training_mode?:T2;output:T mask?:T3;seed:i;T=10c02 T1=10c02 T2=200 T3=1000
BranchwiseRMSNorm | 1;X:T scale?:M;Y:T;epsilon:f num_branches:i;T=10402 M=10402
CDist | 1;A:T B:T;C:T;metric:s;T=802
CausalConvWithState | 1;input:T weight:T bias?:T past_state?:T;output:T present_state:T state_update?:T;activation:s channels_last:i dilation:i input_channel_offset:i input_channels:i ndim:i state_channels_last:i state_length:i state_update_capacity:i state_window:i;T=10402
ComplexMul | 1;A:T B:T;C:T;;T=c02
ComplexMulConj | 1;A:T B:T;C:T;;T=c02
ConvStateReplay | 1;source_backing:T capture_backing:T destination_backing:T metadata:TI;destination_out:T;;T=402 TI=80
ConvTransposeWithDynamicPads | 1;X:T W:T Pads?:tensor(int64) B?:T;Y:T;auto_pad:s dilations:I group:i kernel_shape:I output_padding:I strides:I;T=c02 tensor(int64)=80
CropAndResize | 1;X:T1 rois:T1 batch_indices:T2 crop_size:T2;Y:T1;extrapolation_value:f mode:s;T1=c02 T2=40
DecoderAttention | 1;query:T key:T q_weight:T kv_weight:T bias:T key_padding_mask?:B key_cache?:T value_cache?:T static_kv:B use_past:B has_layer_state:B has_key_padding_mask:B;output:T new_key_cache?:T new_value_cache?:T;mask_filter_value:f num_heads:i!;T=402 B=200
DecoderMaskedMultiHeadAttention | 1;query:T key?:T value?:T mask_index?:M attention_bias?:T past_key?:T past_value?:T past_sequence_length?:M beam_width?:M cache_indirection?:M bias?:T;output:T present_key?:T present_value?:T qk?:QK;mask_filter_value:f num_heads:i! output_qk:i past_present_share_buffer:i scale:f;T=402 M=40 QK=402
DecoderMaskedSelfAttention | 1;input:T weights:T bias:T mask_index?:M past:T attention_bias?:T past_sequence_length:M beam_width?:M cache_indirection?:M;output:T present:T;do_rotary:i mask_filter_value:f num_heads:i! past_present_share_buffer:i scale:f;T=402 M=40
DequantizeBFP | 1;x:T1 shape:T2 strides:T2;y:T3;bfp_type:i! block_dim:i dtype:i;T1=4 T2=80 T3=10402
DequantizeLinear | 1;x:T1 x_scale:T2 x_zero_point?:T1;y:T2;axis:i;T1=60007c T2=402
DequantizeWithOrder | 1;input:Q scale_input:S;output:F;order_input:i! order_output:i! to:i!;Q=8 S=2 F=402
DynamicQuantizeLSTM | 1;X:T W:T2 R:T2 B?:T sequence_lens?:T1 initial_h?:T initial_c?:T P?:T W_scale:T W_zero_point:T2 R_scale:T R_zero_point:T2;Y?:T Y_h?:T Y_c?:T;activation_alpha:F activation_beta:F activations:S clip:f direction:s hidden_size:i input_forget:i;T=2 T2=c T1=40
DynamicQuantizeMatMul | 1;A:T1 B:T2 b_scale:T1 b_zero_point?:T2 bias?:T1;Y:T1;;T1=2 T2=c
DynamicSparseAttention | 1;query:TQuery key?:TQuery value?:TValue past_key?:TCache past_value?:TCache auxiliary_key?:T auxiliary_value?:T selected_indices:M selected_counts:M seqlens_k:M total_sequence_length:M cos_cache?:T sin_cache?:T position_ids?:tensor(int64) q_norm_weight?:T k_norm_weight?:T head_sink?:T committed_length?:M key_scale?:S value_scale?:S;output:T present_key?:TCache present_value?:TCache validation_status?:M;attention_mode:s auxiliary_kv_shared:i do_rotary:i is_causal:i kv_num_heads:i! local_window_size:i num_heads:i! output_bf16:i qk_norm_epsilon:f rotary_interleaved:i rotary_offset:i scale:f selected_kv_source:s smooth_softmax:i;TQuery=10402 TValue=10402 TCache=1040a T=10402 M=40 tensor(int64)=80 S=2
DynamicTimeWarping | 1;input:F;output:I;;F=2 I=40
EPContext | 1;inputs**0:T;outputs**1:T;embed_mode:i ep_cache_context:s ep_sdk_version:s hardware_architecture:s main_context:i max_size:i notes:s onnx_model_filename:s partition_name:s source:s;T=13efe
EmbedLayerNormalization | 1;input_ids:T1 segment_ids?:T1 word_embedding:T position_embedding:T segment_embedding?:T gamma:T beta:T mask?:T1 position_ids?:T1;output:T mask_index?:T1 embedding_sum?:T;epsilon:f mask_index_type:i;T1=40 T=402
EngramGate | 1;key:T query:T value:T key_norm_scale:T query_norm_scale:T conv_norm_scale?:T;output:T gated_value_normed?:T;epsilon:f;T=10402
ExpandDims | 1;X:T axis:tensor(int32);Y:T;;T=fffe tensor(int32)=40
FastGelu | 1;X:T bias?:T;Y:T;;T=10c02
FusedConv | 1;X:T W:T B?:T Z?:T;Y:T;activation:s activation_params:F auto_pad:s dilations:I group:i kernel_shape:I pads:I strides:I;T=c02
FusedGemm | 1;A:T B:T C?:T;Y:T;activation:s activation_alpha:f activation_beta:f activation_gamma:f alpha:f beta:f transA:i transB:i;T=3cc2
FusedMatMul | 1;A:T B:T;Y:T;alpha:f transA:i transB:i transBatchA:i transBatchB:i;T=10c02
FusedMatMulActivation | 1;A:T B:T;Y:T;activation:s! activation_alpha:f activation_axis:i activation_beta:f activation_gamma:f alpha:f transA:i transB:i transBatchA:i transBatchB:i;T=10c02
GatedAdd | 1;X:T Y:T gate:T gate_weight?:T;output:T;;T=10402
GatedDeltaNet | 1;query:T key?:T value?:T cu_seqlens?:TI decay?:TG beta?:TG initial_state?:TS a_log?:TS dt_bias?:TS capture_count?:TI state_update_active?:TI;output:T final_state?:TS state_update?:TS;beta_activation:s chunk_size:i gate_activation:s gate_lower_bound:f qk_l2_norm:i scale:f state_update_capacity:i update_rule:s;T=10402 TI=40 TG=10402 TS=2
GatedDeltaNetStateReplay | 1;source_backing:T capsule_backing:T destination_backing:T metadata:TI;destination_out:T;;T=2 TI=80
GatedRMSNorm | 1;X:T scale:T gate:T;Y:T;activation:s epsilon:f;T=10402
GatedRelativePositionBias | 1;query_layer:T query_bias:T rel_pos:T weight:T bias:T eco_a:T token_offset?:M;output:T;num_heads:i!;T=402 M=40
GatherBlockQuantized | 1;data:T1 indices:Tind scales:T2 zero_points?:T1;output:T2;bits:i block_size:i gather_axis:i quantize_axis:i;T1=fe0004 Tind=c0 T2=10402
GatherND | 1;data:T indices:Tind;output:T;;T=fffe Tind=c0
GatherPacked | 1;data:T1 indices:Tind;output:T2;K:i! output_dtype:i packed_type:i!;T1=4 Tind=c0 T2=10402
Gelu | 1;X:T;Y:T;;T=10c02
GemmFastGelu | 1;X:T W:T bias?:T;Y:T;;T=10402
GemmFloat8 | 1;A:TA B:TB C?:TC scaleA?:TS scaleB?:TS scaleY?:TS;Y:TR;activation:s alpha:f beta:f dtype:i transA:i transB:i;TA=b0402 TB=b0402 TC=10402 TS=2 TR=b0402
GemmaRotaryEmbedding | 1;emb:U q:T q_rot:T k:T k_rot:T;output1:T output2:T;;U=2 T=400
GreedySearch | 1;input_ids:I max_length:I min_length?:I repetition_penalty?:T vocab_mask?:I prefix_vocab_mask?:I attention_mask?:I;sequences:I;decoder:g! decoder_start_token_id:i encoder:g eos_token_id:i! init_decoder:g model_type:i no_repeat_ngram_size:i pad_token_id:i! vocab_size:i;I=40 T=2
GridSample | 1;X:T1 Grid:T1;Y:T2;align_corners:i mode:s padding_mode:s;T1=fffe T2=c02
GroupNorm | 1;X:T gamma:M beta:M;Y:T;activation:i! channels_last:i epsilon:f groups:i!;T=402 M=402
GroupQueryAttention | 1;query:T key?:T value?:T past_key?:T_CACHE past_value?:T_CACHE seqlens_k:M total_sequence_length:M cos_cache?:T sin_cache?:T position_ids?:tensor(int64) attention_bias?:T head_sink?:T k_scale?:T_KV_SCALE v_scale?:T_KV_SCALE q_norm_weight?:T k_norm_weight?:T query_seqlens?:M;output:T present_key?:T_CACHE present_value?:T_CACHE output_qk?:T;causal:i do_rotary:i k_norm_epsilon:f k_quant_type:s kv_cache_bit_width:i kv_num_heads:i! local_window_size:i num_heads:i! q_norm_epsilon:f qk_norm_epsilon:f qk_output:i rotary_interleaved:i scale:f sliding_window_cache:i smooth_softmax:i softcap:f v_quant_type:s;T=10402 T_CACHE=3040e M=40 tensor(int64)=80 T_KV_SCALE=2
HyperConnectionLowRankMix | 1;streams:T norm_scale:T down_weight:T up_weight:T inject_weight:T prev_block_output?:T prev_post_gate?:T;pre_output:T post_gate:T streams_out?:T;epsilon:f gate_div:f gate_mul:f num_branches:i! reduction_scale:f silu_alpha:f;T=10402
HyperConnectionPostMix | 1;streams:T block_output:T post_mix:M stream_mix?:M;output:T;num_branches:i;T=10402 M=10402
HyperConnectionPreMix | 1;streams:T pre_mix:M;output:T;num_branches:i reduction_scale:f;T=10402 M=10402
Inverse | 1;X:T;Y:T;;T=c02
Irfft | 1;X:T;Y:T;normalized:i onesided:i signal_ndim:i!;T=c02
IsAllFinite | 1;input*1:V;output:T;isinf_only:i isnan_only:i;V=10c02 T=200
LinearAttention | 1;query:T key:T value:T past_state?:S decay?:T beta?:T;output:T present_state:S;chunk_size:i kv_num_heads:i! q_num_heads:i! scale:f state_window:i update_rule:s;T=10402 S=10402
LinearAttentionGate | 1;a:T dt_bias:TF decay_scale:TF b?:T;decay:T beta?:T;;T=10402 TF=2
LongformerAttention | 1;input:T weight:T bias:T mask:T global_weight:T global_bias:T global:G;output:T;num_heads:i! window:i!;T=402 G=40
MRotaryEmbedding | 1;input:T position_ids:M cos_cache:T sin_cache:T;output:T;interleaved:i is_packed_batching:i mrope_layout:i mrope_section:I! num_heads:i rotary_embedding_dim:i scale:f;T=10402 M=80
Mamba2Verify | 1;projection:T conv_state:T ssm_state:F conv_weight:T conv_bias:T dt_bias:F A_negative:F D:F norm_weight:F state_row:I;Y:T conv_snapshots:T ssm_snapshots:F xbc?:T readout?:F;d_state:i epsilon:f head_dim:i heads:i! n_groups:i! time_step_min:f;T=10000 F=2 I=40
MatMulBlockQuantizedFp4Weight | 1;A:T B:T1 weight_scale:T2 weight_scale_2:T3 input_scale?:T3 bias?:T;Y:T;block_size:i;T=10400 T1=4 T2=4 T3=2
MatMulBlockQuantizedFp8Weight | 1;A:T B:T1 b_scale:T2 a_scale?:T2 bias?:T;Y:T;block_size:i;T=10400 T1=20000 T2=2
MatMulBnb4 | 1;A:T1 B:T2 absmax:T1;Y:T1;K:i! N:i! block_size:i! quant_type:i! training_mode:i transB:i;T1=10402 T2=4
MatMulFpQ4 | 1;A:T1 B:T2 B_shape:T3;Y:T1;blk_quant_type:i;T1=2 T2=4 T3=80
MatMulInteger16 | 1;A:T1 B:T2;Y:T3;;T1=30 T2=30 T3=1040
MatMulIntegerToFloat | 1;A:T1 B:T2 a_scale:T3 b_scale:T3 a_zero_point?:T1 b_zero_point?:T2 bias?:T3;Y:T3;;T1=c T2=c T3=402
MatMulNBits | 1;A:T1 B:T2 scales:T1 zero_points?:T3 g_idx?:T4 bias?:T1;Y:T1;K:i! N:i! accuracy_level:i bits:i block_size:i! weight_prepacked:i;T1=10402 T2=4 T3=10406 T4=40
MatMulNBitsMlp | 1;A:T1 skip?:T1 norm_scale?:T1 gate_B:T2 gate_scales:T1 gate_bias?:T1 up_B:T2 up_scales:T1 up_bias?:T1;Y:T1 input_skip_bias_sum?:T1;K:i! N:i! accuracy_level:i activation:s! bits:i block_size:i! epsilon:f;T1=10402 T2=4
MatMulNBitsQLoRA | 1;X:T W:TQ scales:T lora_A:TQ lora_A_scales:T lora_B:TQ lora_B_scales:T;Y:T;K:i! N:i! accuracy_level:i bits:i block_size:i lora_bits:i lora_block_size:i;T=402 TQ=4
MatMulNBitsQkv | 1;A:T1 skip?:T1 norm_scale:T1 q_B:T2 q_scales:T1 q_bias?:T1 k_B:T2 k_scales:T1 k_bias?:T1 v_B:T2 v_scales:T1 v_bias?:T1;Q:T1 K:T1 V:T1 input_skip_bias_sum?:T1;K:i! Nkv:i! Nq:i! accuracy_level:i bits:i block_size:i! epsilon:f;T1=10402 T2=4
MatMulPacked | 1;A:T1 B:T2 global_scale?:Tscale;Y:T1;K:i! N:i! activation_type:s packed_type:i!;T1=10400 T2=4 Tscale=2
MaxpoolWithMask | 1;X:T M:tensor(int32);Y:T;auto_pad:s kernel_shape:I pads:I storage_order:i strides:I;T=2 tensor(int32)=40
MoE | 1;input:T router_probs:T fc1_experts_weights:T fc1_experts_bias?:T fc2_experts_weights:T fc2_experts_bias?:T fc3_experts_weights?:T fc3_experts_bias?:T;output:T;activation_alpha:f activation_beta:f activation_type:s k:i normalize_routing_weights:i swiglu_fusion:i swiglu_limit:f swiglu_limit_after_activation:i use_sparse_mixer:i;T=10402
MoEGroupRouter | 1;logits:T expert_bias:TF projection_weight?:T;router_probs?:T selection_scores?:TF router_weights?:TF;group_topk:i n_group:i router_sentinel:f top_k:i! topk_group:i;T=10402 TF=2
MoEPacked | 1;input:T router_probs:TR gate_experts_weights:T2 up_experts_weights?:T2 down_experts_weights:T2 router_weights?:TR;output:T;activation_type:s down_type:i! gate_type:i! k:i normalize_routing_weights:i routed_scaling_factor:f routing_epsilon:f up_type:i;T=10400 TR=10402 T2=4
MulInteger | 1;A:T A_zero_point?:T B:T B_zero_point?:T;C:T1;;T=c T1=40
MultiHeadAttention | 1;query:T key?:T value?:T bias?:T key_padding_mask?:M attention_bias?:T past_key?:T past_value?:T past_sequence_length?:M cache_indirection?:M;output:T present_key?:T present_value?:T qk?:QK;mask_filter_value:f num_heads:i! scale:f unidirectional:i;T=10402 M=40 QK=10402
MurmurHash3 | 1;X:T1;Y:T2;positive:i seed:i;T1=39c2 T2=1040
NGramHashMapping | 1;input_ids:M multipliers:M vocab_sizes:M past_ids?:M head_offsets?:M eos_token_id?:M segment_ids?:tensor(int32);hash_ids:M present_ids?:M;max_ngram_size:i! n_head_per_ngram:i! pad_id:i! reset_on_eos:i;M=c0 tensor(int32)=40
NGramRepeatBlock | 1;input_ids:Tid scores:T;scores_out:T;ngram_size:i!;Tid=80 T=2
NhwcConv | 1;X:T W:T B?:T;Y:T;auto_pad:s dilations:I group:i kernel_shape:I pads:I strides:I;T=c02
NhwcFusedConv | 1;X:T W:T B?:T Z?:T;Y:T;activation:s activation_params:F auto_pad:s dilations:I group:i kernel_shape:I pads:I strides:I;T=402
NhwcMaxPool | 1;x:T;y:T;auto_pad:s ceil_mode:i dilations:I kernel_shape:I! pads:I strides:I;T=c
PackedAttention | 1;input:T weights:T bias:T token_offset:M cumulative_sequence_length:M attention_bias?:T;output:T;num_heads:i! qkv_hidden_sizes:I scale:f;T=402 M=40
PackedMultiHeadAttention | 1;query:T key?:T value?:T bias?:T token_offset:M cumulative_sequence_length:M attention_bias?:T;output:T;mask_filter_value:f num_heads:i! scale:f;T=402 M=40
PackedSparseAttentionIndexer | 1;query:T key?:T query_norm_weight:T key_norm_weight:T cos_cache:T sin_cache:T cumulative_sequence_lengths:M past_sequence_lengths:M gate?:T position_bias?:T head_weights?:T position_ids?:I past_key_state:T_KEY past_kv_buffer:T past_gate_buffer?:T past_state_lengths:M state_update_capture_count?:M state_update_active?:M indexshare_mode?:M merged_indices?:M merged_counts?:M merged_status?:M;selected_indices:M selected_counts:M present_key_state:T_KEY present_kv_buffer:T present_gate_buffer?:T present_state_lengths:M state_update?:T indexshare_status?:M state_status?:M;compress_ratio:i! epsilon:f head_weight_scale:f index_topk:i indexshare_state_policy:s max_output_entries:i policy_mode:s! scale:f state_capacity:i! state_update_capacity:i token_budget:i;T=10402 M=40 I=80 T_KEY=10402
PackedSparseAttentionIndexerMerge | 1;base_indices:T base_counts:T base_row_indices:T range_starts?:T range_ends?:T additional_indices?:T additional_counts?:T;selected_indices:T selected_counts:T status:T;max_output_entries:i! policy_mode:s!;T=40
Pad | 1;data:T pads:tensor(int64) value?:T;output:T;mode:s;T=c02 tensor(int64)=80
PagedAttention | 1;query:T key?:T value?:T key_cache:T_CACHE value_cache?:T_CACHE cumulative_sequence_length:S past_seqlens:S block_table:S cos_cache?:T sin_cache?:T slot_mapping?:S head_sink?:T q_norm_weight?:T k_norm_weight?:T k_scale?:T_KV_SCALE v_scale?:T_KV_SCALE attention_metadata?:S;output:T key_cache_out?:T_CACHE value_cache_out?:T_CACHE;do_rotary:i is_causal:i k_cache_dtype:s k_quant_type:s kv_cache_layout:s kv_num_heads:i! local_window_size:i num_heads:i! qk_norm_epsilon:f rotary_interleaved:i rotary_offset:i scale:f softcap:f v_cache_dtype:s v_head_size:i v_quant_type:s;T=10400 T_CACHE=3040c S=40 T_KV_SCALE=2
QAttention | 1;input:T1 weight:T2 bias:T3 input_scale:T3 weight_scale:T3 mask_index?:T4 input_zero_point?:T1 weight_zero_point?:T2 past?:T3;output:T3 present?:T3;do_rotary:i mask_filter_value:f num_heads:i! past_present_share_buffer:i scale:f unidirectional:i;T1=c T2=c T3=402 T4=40
QEmbedLayerNormalization | 1;input_ids:T1 segment_ids?:T1 word_embedding_quant:T2 position_embedding_quant:T2 segment_embedding?:T2 gamma_quant:T2 beta_quant:T2 mask?:T1 word_embedding_scale:T position_embedding_scale:T segment_embedding_scale?:T gamma_scale:T beta_scale:T word_embedding_zero_point:T2 position_embedding_zero_point:T2 segment_embedding_zero_point?:T2 gamma_zero_point:T2 beta_zero_point:T2;layernorm_out:T mask_index_out:T1;epsilon:f;T1=40 T2=c T=2
QGemm | 1;A:TA a_scale:T a_zero_point:TA B:TB b_scale:T b_zero_point:TB C?:TC y_scale?:T y_zero_point?:TYZ;Y:TY;alpha:f transA:i transB:i;TA=c T=2 TB=c TC=40 TYZ=c TY=e
QLinearAdd | 1;A:T A_scale:tensor(float) A_zero_point?:T B:T B_scale:tensor(float) B_zero_point?:T C_scale:tensor(float) C_zero_point?:T;C:T;;T=c tensor(float)=2
QLinearAveragePool | 1;X:T x_scale:tensor(float) x_zero_point?:T y_scale:tensor(float) y_zero_point?:T;Y:T;auto_pad:s ceil_mode:i channels_last:i count_include_pad:i kernel_shape:I! pads:I strides:I;T=c tensor(float)=2
QLinearConcat | 1;Y_scale:TF Y_zero_point:T8 inputs**1:TV;Y:T8;axis:i!;TF=2 T8=c TV=e
QLinearConv | 1;x:T1 x_scale:tensor(float) x_zero_point:T1 w:T2 w_scale:tensor(float) w_zero_point:T2 y_scale:tensor(float) y_zero_point:T3 B?:T4;y:T3;auto_pad:s channels_last:i dilations:I group:i kernel_shape:I pads:I strides:I;T1=c tensor(float)=2 T2=c T3=c T4=40
QLinearGlobalAveragePool | 1;X:T x_scale:tensor(float) x_zero_point:T y_scale:tensor(float) y_zero_point:T;Y:T;channels_last:i;T=c tensor(float)=2
QLinearLeakyRelu | 1;X:T X_scale:tensor(float) X_zero_point?:T Y_scale:tensor(float) Y_zero_point?:T;Y:T;alpha:f;T=c tensor(float)=2
QLinearMul | 1;A:T A_scale:tensor(float) A_zero_point?:T B:T B_scale:tensor(float) B_zero_point?:T C_scale:tensor(float) C_zero_point?:T;C:T;;T=c tensor(float)=2
QLinearReduceMean | 1;data:T data_scale:tensor(float) data_zero_point?:T reduced_scale:tensor(float) reduced_zero_point?:T;reduced:T;axes:I! keepdims:i!;T=c tensor(float)=2
QLinearSigmoid | 1;X:T X_scale:tensor(float) X_zero_point?:T Y_scale:tensor(float) Y_zero_point?:T;Y:T;;T=c tensor(float)=2
QLinearSoftmax | 1;X:T X_scale:tensor(float) x_zero_point?:T y_scale:tensor(float) y_zero_point:T;Y:T;axis:i opset:i!;T=c tensor(float)=2
QLinearWhere | 1;condition:B X:T x_scale:TF x_zero_point:T Y:T y_scale:TF y_zero_point:T z_scale:TF z_zero_point:T;Z:T;;B=200 T=c TF=2
QMoE | 1;input:T router_probs:T fc1_experts_weights:T1 fc1_scales?:T2 fc1_experts_bias?:T fc2_experts_weights:T1 fc2_scales?:T2 fc2_experts_bias?:T fc3_experts_weights?:T1 fc3_scales?:T2 fc3_experts_bias?:T fc1_zero_points?:T1 fc2_zero_points?:T1 fc3_zero_points?:T1 router_weights?:T fc1_global_scale?:T4 fc2_global_scale?:T4 fc1_act_scale?:T4 fc2_act_scale?:T4 fc1_act_block_scale?:T2 fc2_act_block_scale?:T2;output:T;accuracy_level:i activation_alpha:f activation_beta:f activation_type:s block_size:i expert_weight_bits:i fc1_expert_weight_bits:i fc2_expert_weight_bits:i fc3_expert_weight_bits:i k:i normalize_routing_weights:i quant_type:s swiglu_fusion:i swiglu_limit:f swiglu_limit_after_activation:i use_sparse_mixer:i weights_prepacked:i;T=10402 T1=20004 T2=1030402 T4=2
QOrderedAttention | 1;input:Q scale_input:S scale_Q_gemm:S scale_K_gemm:S scale_V_gemm:S Q_weight:Q K_weight:Q V_weight:Q scale_Q_weight:S scale_K_weight:S scale_V_weight:S Q_bias:S K_bias:S V_bias:S scale_QKT_gemm?:S scale_QKT_softmax?:S scale_values_gemm:S mask_index?:G past?:Q attention_bias?:S;output:Q;num_heads:i! order_input:i! order_output:i! order_weight:i! qkv_hidden_sizes:I unidirectional:i;Q=8 S=2 G=40
QOrderedGelu | 1;X:Q scale_X:S scale_Y:S;Y:Q;order_X:i order_Y:i;Q=8 S=2
QOrderedLayerNormalization | 1;X:Q scale_X:S scale:F B?:F scale_Y:S;Y:Q;axis:i epsilon:f order_X:i order_Y:i;Q=8 S=2 F=402
QOrderedLongformerAttention | 1;input:Q scale_input:S weight:Q scale_weight:S bias:S scale_bias:S scale_qkv_gemm:S mask:F global_weight:Q scale_global_weight:S global_bias:S scale_global_gemm:S global:G scale_output:S;output:Q;num_heads:i! order_global_weight:i! order_input:i! order_output:i! order_weight:i! window:i!;Q=8 S=2 F=400 G=40
QOrderedMatMul | 1;A:Q scale_A:S B:Q scale_B:S scale_Y:S bias?:S C?:Q scale_C?:S;Y:Q;order_A:i! order_B:i! order_Y:i!;Q=8 S=2
QuantizeBFP | 1;x:T1;y:T2 shape:T3 strides:T3;bfp_type:i! block_dim:i;T1=10402 T2=4 T3=80
QuantizeLinear | 1;x:T1 y_scale:T1 y_zero_point?:T2;y:T2;axis:i;T1=402 T2=60003c
QuantizeWithOrder | 1;input:F scale_input:S;output:Q;order_input:i! order_output:i!;F=402 S=2 Q=8
QuickGelu | 1;X:T;Y:T;alpha:f;T=10c02
RMSNormRotary | 1;X:T scale:F position_ids:I cosine:TCos sine:TCos prefill_numerics?:TI;Y:TOut normalized_fp32?:F;epsilon:f flatten_batch:i input_start:i input_width:i output_fp16:i rotary_embedding_dim:i! use_fp32_arithmetic:i;T=10400 F=2 I=80 TCos=10002 TI=40 TOut=10400
Range | 1;start:T limit:T delta?:T;Y:T;;T=8e2
ReduceSumInteger | 1;data:T1;reduced:T2;axes:I! keepdims:i!;T1=c T2=1040
RelativePositionBias | 1;bias_table:T query_length:U key_length:U;output:T;is_bidirectional:i max_distance:i!;T=402 U=80
RemovePadding | 1;input:T sequence_token_count:M;output:T token_offset:M cumulated_seq_len:M max_seq_len:M;;T=402 M=40
RestorePadding | 1;input:T token_offset:M;output:T;;T=402 M=40
Rfft | 1;X:T;Y:T;normalized:i onesided:i signal_ndim:i;T=c02
RotaryEmbedding | 1;input:T position_ids:M cos_cache:T sin_cache:T;output:T;interleaved:i is_packed_batching:i num_heads:i rotary_embedding_dim:i scale:f;T=10402 M=80
RouterGateUpProj | 1;X:T W:T;router:T activated:T;activation:s activation_alpha:f activation_beta:f limit:f router_size:i!;T=10400
SampleOp | 1;X:T;Y:T;;T=3cc2
Sampling | 1;input_ids:I max_length:I min_length?:I repetition_penalty?:T vocab_mask?:I prefix_vocab_mask?:I attention_mask?:I presence_mask?:I seed?:I;sequences:I filtered_logits?:T;custom:i decoder:g! decoder_start_token_id:i encoder:g eos_token_id:i! filter_value:f init_decoder:g min_tokens_to_keep:i model_type:i no_repeat_ngram_size:i pad_token_id:i! presence_penalty:f temperature:f top_p:f vocab_size:i;I=40 T=2
ScaledSiLU | 1;X:T scale?:M;Y:T;alpha:f;T=10402 M=10402
SimplifiedLayerNormalization | 1;X:T scale:V;Y:V inv_std_var?:U@stash_type=1;axis:i epsilon:f stash_type:i;T=10c02 V=10c02 U=802
SkipGroupNorm | 1;X:T gamma:M beta:M skip:T bias?:T;Y:T S?:T;activation:i! channels_last:i epsilon:f groups:i!;T=402 M=402
SkipLayerNormalization | 1;input:T skip:T gamma:T beta?:T bias?:T;output:T mean?:U inv_std_var?:U input_skip_bias_sum?:T;epsilon:f;T=10402 U=2
SkipSimplifiedLayerNormalization | 1;input:T skip:T gamma:T bias?:T;output:T mean?:U inv_std_var?:U input_skip_bias_sum?:T;epsilon:f;T=10402 U=2
Snpe | 1;inputs*1:T;outputs*1:T;DLC:s! notes:s snpe_version:s target_device:s;T=16
SparseAttention | 1;query:T key?:T value?:T past_key:T past_value:T block_row_indices:M block_col_indices:M total_sequence_length:M key_total_sequence_lengths:M cos_cache?:T sin_cache?:T;output:T present_key:T present_value:T;do_rotary:i kv_num_heads:i! num_heads:i! rotary_interleaved:i scale:f sparse_block_size:i!;T=10402 M=40
SparseAttentionIndexer | 1;query:T key?:T query_norm_weight:T key_norm_weight:T cos_cache:T sin_cache:T mask?:TB past_key:T gate?:T position_bias?:T head_weights?:T position_ids?:I past_sequence_length?:M past_proj_buffer?:T;selected_indices:M present_key:T present_proj_buffer?:T;compress_ratio:i! epsilon:f head_weight_scale:f index_topk:i policy_mode:s! scale:f token_budget:i;T=10402 TB=80 I=80 M=40
SparsePagedAttention | 1;query:T key?:T value?:T key_cache:T_CACHE value_cache:T_CACHE cumulative_sequence_length:S past_seqlens:S block_table:S slot_mapping?:S selected_indices:S selected_counts:S auxiliary_key?:T auxiliary_value?:T auxiliary_lengths?:S cos_cache?:T sin_cache?:T head_sink?:T q_norm_weight?:T k_norm_weight?:T k_scale?:T_KV_SCALE v_scale?:T_KV_SCALE attention_metadata?:S;output:T key_cache_out?:T_CACHE value_cache_out?:T_CACHE;attention_mode:s auxiliary_cache_layout:s auxiliary_kv_shared:i do_rotary:i is_causal:i k_quant_type:s kv_num_heads:i! local_window_size:i num_heads:i! qk_norm_epsilon:f rotary_interleaved:i rotary_offset:i scale:f selected_kv_source:s softcap:f v_quant_type:s;T=10400 T_CACHE=10408 S=40 T_KV_SCALE=2
SparseToDenseMatMul | 1;A:T B:T1;Y:T1;alpha:f transA:i transB:i;T=80000000 T1=38c2
SpeculativePrefixCommit | 1;next_tokens:I64 input_ids:I64 status:I32 ctl:I64 ctx_commit:I64 prefixes:I64 ptrs:I64;head_c:I32 updated_ctl:I64 updated_ctx_commit:I64;head_rows:i;I64=80 I32=40
SwiGLU | 1;gate:T up?:T;output:T;activation_alpha:f activation_beta:f limit:f round_activation:i;T=10402
Tokenizer | 1;X:T;Y:T;mark:i! mincharnum:i! pad_value:s! separators:S tokenexp:s;T=100
TorchEmbedding | 1;weight:T indices:tensor(int64) padding_idx?:tensor(int64) scale_grad_by_freq?:tensor(bool);Y:T;;T=13cfe tensor(int64)=80 tensor(bool)=200
TransposeMatMul | 1;A:T B:T;Y:T;alpha:f transA:i transB:i;T=10c02
Trilu | 1;X:T k?:tensor(int64);Y:T;upper:i;T=13efe tensor(int64)=80
UnfoldTensor | 1;input:T;output:T;dim:i size:i! step:i;T=1fffe
Unique | 1;x:T;y:T idx:tensor(int64) counts:tensor(int64);;T=fffe tensor(int64)=80
VarlenCausalConvWithState | 1;input:T weight:T cumulative_sequence_length:M bias?:T initial_state:T capture_count?:M kernel_delta?:T previous_mask?:T;output:T final_state:T state_update?:T;activation:s delta_offset:i dilation:i group_size:i state_update_capacity:i;T=10402 M=40
VarlenNGramHashMapping | 1;input_ids:M multipliers:M vocab_sizes:M cumulative_sequence_length:S past_ids?:M head_offsets?:M eos_token_id?:M segment_ids?:tensor(int32) past_segment_ids?:S capture_count?:S;hash_ids:M present_ids?:M present_segment_ids?:S state_update?:M;max_ngram_size:i! n_head_per_ngram:i! pad_id:i! reset_on_eos:i state_update_capacity:i;M=c0 S=40 tensor(int32)=40
WhisperBeamSearch | 1;input_ids:F max_length:I min_length?:I num_beams:I num_return_sequences:I length_penalty?:T repetition_penalty?:T vocab_mask?:M prefix_vocab_mask?:M attention_mask?:I decoder_input_ids?:I logits_processor?:I cross_qk_layer_head?:I extra_decoding_ids?:I temperature?:T;sequences:I sequences_scores?:T scores?:T cross_qk?:V non_speech_probs?:T;beginning_timestamp_token_id:i decoder:g! decoder_output_cross_qk:i decoder_start_token_id:i early_stopping:i encoder:g eos_token_id:i! init_decoder:g model_type:i no_repeat_ngram_size:i no_speech_token_id:i no_timestamps_token_id:i pad_token_id:i! start_of_lm_token_id:i transcribe_token_id:i translate_token_id:i vocab_size:i;F=442 I=40 T=402 M=40 V=2
WordConvEmbedding | 1;Sequence:T W:T1 B:T1 C:T1;Y:T1;char_embedding_size:i conv_window_size:i embedding_size:i;T=40 T1=2
`;
