// dx = dy · f′(x), elementwise, four elements at a time; `kind` selects f as in unary.wgsl. Steps have slope zero; at a
// corner either slope will do. A clamp passes only what is strictly inside, so x may be its input or its output.
// needs: kind_*
// use: lines error_function
override group_size: u32 = 64u;
override kind: u32 = 0u;
struct Params { quads: u32, alpha: f32, beta: f32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> x: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read_write> dy: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read_write> dx: array<vec4<f32>>;

fn sigmoid(v: vec4<f32>) -> vec4<f32> {
  return 1.0 / (1.0 + exp(-v));
}

// s(v) · (1 − s(v)), from the tail, so that nothing cancels.
fn sigmoid_slope(v: vec4<f32>) -> vec4<f32> {
  let e = exp(-abs(v));
  return e / ((1.0 + e) * (1.0 + e));
}

fn mish_slope(v: vec4<f32>) -> vec4<f32> {
  let e = exp(min(v, vec4<f32>(20.0)));
  let n = e * (e + 2.0);
  return n / (n + 2.0) + v * 4.0 * (n + 1.0) / ((n + 2.0) * (n + 2.0)) * sigmoid(v);
}

// Φ(v) + v · φ(v).
fn gelu_slope(v: vec4<f32>) -> vec4<f32> {
  let t = min(abs(v) * 0.70710678, vec4<f32>(10.0));
  let tail = 0.5 * select(erfc_far(t), 1.0 - erf_near(t), t < vec4<f32>(0.9375));
  return select(1.0 - tail, tail, v < vec4<f32>(0.0)) + v * 0.39894228 * exp(-t * t);
}

// The tanh form is v · s(u) with u = 2 √(2/π) · (v + 0.044715 v³).
fn gelu_tanh_slope(v: vec4<f32>) -> vec4<f32> {
  let u = 1.5957691216 * v * (1.0 + 0.044715 * v * v);
  return sigmoid(u) + v * sigmoid_slope(u) * 1.5957691216 * (1.0 + 0.134145 * v * v);
}

fn slope(v: vec4<f32>) -> vec4<f32> {
  let zero = vec4<f32>(0.0);
  let one = vec4<f32>(1.0);
  switch (kind) {
    case kind_clamp: { return select(zero, one, (v > vec4<f32>(params.alpha)) & (v < vec4<f32>(params.beta))); }
    case kind_sigmoid: { return sigmoid_slope(v); }
    case kind_exp: { return exp(v); }
    case kind_tanh: { return 4.0 * sigmoid_slope(2.0 * v); }
    case kind_leaky: { return select(vec4<f32>(params.alpha), one, v >= zero); }
    case kind_hard_sigmoid: {
      let u = params.alpha * v + params.beta;
      return select(zero, vec4<f32>(params.alpha), (u > zero) & (u < one));
    }
    case kind_hard_swish: { return select(select(v / 3.0 + 0.5, one, v >= one * 3.0), zero, v <= one * -3.0); }
    case kind_sqrt: { return 0.5 / sqrt(v); }
    case kind_negate: { return -one; }
    case kind_abs: { return sign(v); }
    case kind_log: { return one / v; }
    case kind_reciprocal: { return -one / (v * v); }
    case kind_softsign: { let d = one + abs(v); return one / (d * d); }
    case kind_softplus: { return sigmoid(v); }
    case kind_threshold: { return select(zero, one, v > vec4<f32>(params.alpha)); }
    case kind_shrink: { return select(zero, one, abs(v) > vec4<f32>(params.alpha)); }
    case kind_swish: { return sigmoid(params.alpha * v) + params.alpha * v * sigmoid_slope(params.alpha * v); }
    case kind_mish: { return mish_slope(v); }
    case kind_elu: { return select(params.alpha * exp(min(v, zero)), vec4<f32>(params.beta), v > zero); }
    case kind_celu: { return select(exp(min(v, zero) / params.alpha), one, v > zero); }
    case kind_erf: { return 1.12837917 * exp(-v * v); }
    case kind_gelu: { return gelu_slope(v); }
    case kind_gelu_tanh: { return gelu_tanh_slope(v); }
    default: { return zero; }
  }
}

@compute @workgroup_size(group_size)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let i = line_of(id, groups, group_size);
  if (i < params.quads) { dx[i] = dy[i] * slope(x[i]); }
}
