// needs: nothing
// NaN, from a variable: as a constant expression it would be an error.
fn not_a_number() -> vec4<f32> {
  var bits = vec4<u32>(0x7fc00000u);
  return bitcast<vec4<f32>>(bits);
}
