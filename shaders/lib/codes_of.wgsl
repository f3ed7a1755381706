// needs: params.low params.high params.zero nibbles requantize
// The codes of four channels from their sums of products, which are 16 times as large if weights take four bits.
fn codes_of(sums: vec4<i32>, bias: vec4<i32>, multiplier: vec4<f32>) -> u32 {
  var whole = sums;
  if (nibbles == 1u) { whole = sums >> vec4<u32>(4u); }
  return requantize(whole + bias, multiplier, params.low, params.high, params.zero);
}
