// needs: nothing
// QuantizeLinear: codes, rounded half to even and clamped. Must be the same everywhere.
fn code_of(x: vec4<f32>, scale: vec4<f32>, zero_point: vec4<f32>, low: f32, high: f32) -> vec4<f32> {
  return clamp(round(x / scale) + zero_point, vec4<f32>(low), vec4<f32>(high));
}
