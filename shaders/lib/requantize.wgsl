// needs: word_of whole_of
// int32 sums to signed bytes, as ONNX Runtime: round(sum · multiplier), clamped before the zero point is added.
fn requantize(sum: vec4<i32>, multiplier: vec4<f32>, low: f32, high: f32, zero: i32) -> u32 {
  let code = clamp(round(vec4<f32>(sum) * multiplier), vec4<f32>(low), vec4<f32>(high));
  return word_of(whole_of(code + f32(zero)));
}
