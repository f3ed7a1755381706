// needs: nothing
// log(1 + v) for v ≥ 0. Up to 1 it is 2·artanh(s) with s = v / (2 + v) ≤ 1/3: a series that ends at 2^−29.
fn log_1p(v: vec4<f32>) -> vec4<f32> {
  let s = v / (2.0 + v);
  let z = s * s;
  let near = 2.0 * s + 2.0 * s * z * ((((((z / 15.0 + 1.0 / 13.0) * z + 1.0 / 11.0) * z + 1.0 / 9.0) * z +
    1.0 / 7.0) * z + 0.2) * z + 1.0 / 3.0);
  return select(log(1.0 + v), near, v <= vec4<f32>(1.0));
}
