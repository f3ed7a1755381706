// needs: nothing
// The inverse width of the bins of a range: at most 2,048 bins of width 2^e, aligned at zero, with the smallest such e.
fn inverse_width(low: f32, high: f32) -> f32 {
  let exponent = i32(bitcast<u32>(max(-low, high)) >> 23u) - 127;
  var e = max(exponent - 11, -120);
  var inverse = bitcast<f32>(u32(127 - e) << 23u);
  while (floor(high * inverse) - floor(low * inverse) >= 2048.0) {
    e += 1;
    inverse = bitcast<f32>(u32(127 - e) << 23u);
  }
  return inverse;
}
// Whole numbers, clamped to 0..2047. Past 2^23 a float's lowest bits count units: cheaper than a saturating conversion.
fn bin_of(k: vec4<f32>) -> vec4<u32> {
  let shifted = clamp(k, vec4<f32>(0.0), vec4<f32>(2047.0)) + vec4<f32>(8388608.0);
  return bitcast<vec4<u32>>(shifted) & vec4<u32>(2047u);
}
