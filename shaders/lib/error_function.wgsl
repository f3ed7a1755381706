// needs: nothing
// erf up to 0.9375 and 1 − erf from there to 10: minimax fits, 0.3 · 2^−24 before rounding.
fn erf_near(v: vec4<f32>) -> vec4<f32> {
  let z = v * v;
  return v + v * (((((-5.943145370e-4 * z + 4.984379280e-3) * z - 2.676110715e-2) * z + 1.128168181e-1) * z -
    3.761248291e-1) * z + 1.283791512e-1);
}

fn erfc_far(t: vec4<f32>) -> vec4<f32> {
  let u = 1.0 / (1.0 + 0.5 * t);
  return exp(-t * t) * u * (((((((9.028065950e-2 * u - 2.171694040e-1) * u + 7.174440473e-2) * u + 6.779820472e-2) * u +
    1.762823612e-1) * u + 2.474952340e-1) * u + 2.819791138e-1) * u + 2.821012437e-1);
}
