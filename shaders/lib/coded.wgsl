// The codes of four channels from their sums of products: with the bias, by each channel's multiplier.
fn coded(sums: vec4<i32>, bias: vec4<i32>, multiplier: vec4<f32>) -> u32 {
  return requantize(whole(sums) + bias, multiplier, params.low, params.high, params.zero);
}
