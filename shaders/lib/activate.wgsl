// needs: kind_*
// The activation functions of recurrent layers.
fn tanh_single(v: f32) -> f32 {
  let z = v * v;
  if (z < 0.390625) {
    return v + v * z * ((((-5.70498872745e-3 * z + 2.06390887954e-2) * z - 5.37397155531e-2) * z +
      1.33314422036e-1) * z - 3.33332819422e-1);
  }
  let far = 1.0 - 2.0 / (exp(2.0 * min(abs(v), 10.0)) + 1.0);
  return select(far, -far, v < 0.0);
}

fn activate(kind: u32, v: f32, alpha: f32, beta: f32) -> f32 {
  switch (kind) {
    case kind_sigmoid: { return 1.0 / (1.0 + exp(-max(v, -80.0))); }
    case kind_tanh: { return tanh_single(v); }
    case kind_relu: { return max(v, 0.0); }
    case kind_affine: { return alpha * v + beta; }
    case kind_leakyrelu: { return select(alpha * v, v, v >= 0.0); }
    case kind_thresholdedrelu: { return select(0.0, v, v > alpha); }
    case kind_scaledtanh: { return alpha * tanh_single(beta * v); }
    case kind_hardsigmoid: { return clamp(alpha * v + beta, 0.0, 1.0); }
    case kind_elu: { return select(alpha * (exp(min(v, 0.0)) - 1.0), v, v >= 0.0); }
    case kind_softsign: { return v / (1.0 + abs(v)); }
    default: { return max(v, 0.0) + log(1.0 + exp(-abs(v))); }
  }
}
