// The inverse width of the bins of a range: at most 2,048 bins of width 2^e aligned at zero, e as small as may be.
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
