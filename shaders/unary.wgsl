// y = f(x), elementwise, four elements at a time; `kind` selects f. One thread = four elements.
// needs: kind_*
// use: lines log_1p error_function
override group_size: u32 = 64u;
override kind: u32 = 0u;
struct Params { quads: u32, alpha: f32, beta: f32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> x: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read_write> y: array<vec4<f32>>;

// Within 3 ulp: near zero a fit of degree 11 (Cephes, tanhf), elsewhere one exponential.
fn tanh_of(v: vec4<f32>) -> vec4<f32> {
  let size = abs(v);
  let far = 1.0 - 2.0 / (exp(2.0 * min(size, vec4<f32>(10.0))) + 1.0);
  let z = v * v;
  let near = v + v * z * ((((-5.70498872745e-3 * z + 2.06390887954e-2) * z - 5.37397155531e-2) * z +
    1.33314422036e-1) * z - 3.33332819422e-1);
  return select(select(far, -far, v < vec4<f32>(0.0)), near, size < vec4<f32>(0.625));
}

// exp(v) − 1, without cancellation up to one: (e^v − 1)(1 − t) = 2t with t = tanh(v / 2).
fn exp_minus_1(v: vec4<f32>) -> vec4<f32> {
  let one = vec4<f32>(1.0);
  let t = tanh_of(0.5 * min(v, one));
  return select(2.0 * t / (one - t), exp(v) - one, v > one);
}

fn erf_of(v: vec4<f32>) -> vec4<f32> {
  let size = abs(v);
  let far = 1.0 - erfc_far(min(size, vec4<f32>(10.0)));
  return select(select(far, -far, v < vec4<f32>(0.0)), erf_near(v), size < vec4<f32>(0.9375));
}

// v · Φ(v), from the tail beyond |v| so that nothing cancels.
fn gelu_of(v: vec4<f32>) -> vec4<f32> {
  let t = min(abs(v) * 0.70710678, vec4<f32>(10.0));
  let tail = 0.5 * select(erfc_far(t), 1.0 - erf_near(t), t < vec4<f32>(0.9375));
  return v * select(1.0 - tail, tail, v < vec4<f32>(0.0));
}

fn mish_of(v: vec4<f32>) -> vec4<f32> {
  let e = exp(min(v, vec4<f32>(20.0)));
  let n = e * (e + 2.0);
  return v * (n / (n + 2.0));
}

fn apply(v: vec4<f32>) -> vec4<f32> {
  let zero = vec4<f32>(0.0);
  let one = vec4<f32>(1.0);
  switch (kind) {
    case kind_clamp: { return clamp(v, vec4<f32>(params.alpha), vec4<f32>(params.beta)); }
    case kind_sigmoid: { return one / (one + exp(-v)); }
    case kind_exp: { return exp(v); }
    case kind_tanh: { return tanh_of(v); }
    case kind_leaky: { return select(params.alpha * v, v, v >= zero); }
    case kind_hard_sigmoid: { return clamp(params.alpha * v + params.beta, zero, one); }
    case kind_hard_swish: { return v * clamp(v / 6.0 + 0.5, zero, one); }
    case kind_sqrt: { return sqrt(v); }
    case kind_negate: { return -v; }
    case kind_abs: { return abs(v); }
    case kind_log: { return log(v); }
    case kind_reciprocal: { return one / v; }
    case kind_floor: { return floor(v); }
    case kind_ceil: { return ceil(v); }
    case kind_truncate: { return trunc(v); }
    case kind_sign: { return sign(v); }
    case kind_round: { return round(v); }
    case kind_softsign: { return v / (one + abs(v)); }
    case kind_softplus: { return max(v, zero) + log_1p(exp(-abs(v))); }
    case kind_threshold: { return select(zero, v, v > vec4<f32>(params.alpha)); }
    case kind_shrink: {
      let above = select(zero, v - params.beta, v > vec4<f32>(params.alpha));
      return select(above, v + params.beta, v < vec4<f32>(-params.alpha));
    }
    case kind_swish: { return v / (one + exp(-params.alpha * v)); }
    case kind_mish: { return mish_of(v); }
    case kind_elu: { return select(params.alpha * exp_minus_1(v), params.beta * v, v > zero); }
    case kind_celu: { return select(params.alpha * exp_minus_1(v / params.alpha), v, v > zero); }
    case kind_erf: { return erf_of(v); }
    case kind_gelu: { return gelu_of(v); }
    case kind_gelu_tanh: { return v / (one + exp(-1.5957691216 * v * (one + 0.044715 * v * v))); }
    default: { return v; }
  }
}

@compute @workgroup_size(group_size)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let i = line_of(id, groups, group_size);
  if (i < params.quads) { y[i] = apply(x[i]); }
}
