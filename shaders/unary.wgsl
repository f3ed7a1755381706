// y = f(x), elementwise, four at a time; `kind` names f (src/kernels/unary.ts has the list in the same order).
// use: lines log_1p error_function
override group_size: u32 = 64u;
override kind: u32 = 0u;
struct Params { quads: u32, alpha: f32, beta: f32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> x: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read_write> y: array<vec4<f32>>;

// Within 3 ulp: a fit of degree 11 (Cephes, tanhf), elsewhere one exponential.
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
    case 0u: { return clamp(v, vec4<f32>(params.alpha), vec4<f32>(params.beta)); }
    case 1u: { return one / (one + exp(-v)); }
    case 2u: { return exp(v); }
    case 3u: { return tanh_of(v); }
    case 4u: { return select(params.alpha * v, v, v >= zero); }
    case 5u: { return clamp(params.alpha * v + params.beta, zero, one); }
    case 6u: { return v * clamp(v / 6.0 + 0.5, zero, one); }
    case 7u: { return sqrt(v); }
    case 8u: { return -v; }
    case 9u: { return abs(v); }
    case 10u: { return log(v); }
    case 11u: { return one / v; }
    case 12u: { return floor(v); }
    case 13u: { return ceil(v); }
    case 14u: { return trunc(v); }
    case 15u: { return sign(v); }
    case 16u: { return round(v); }
    case 17u: { return v / (one + abs(v)); }
    case 18u: { return max(v, zero) + log_1p(exp(-abs(v))); }
    case 19u: { return select(zero, v, v > vec4<f32>(params.alpha)); }
    case 20u: {
      let above = select(zero, v - params.beta, v > vec4<f32>(params.alpha));
      return select(above, v + params.beta, v < vec4<f32>(-params.alpha));
    }
    case 21u: { return v / (one + exp(-params.alpha * v)); }
    case 22u: { return mish_of(v); }
    case 23u: { return select(params.alpha * exp_minus_1(v), params.beta * v, v > zero); }
    case 24u: { return select(params.alpha * exp_minus_1(v / params.alpha), v, v > zero); }
    case 25u: { return erf_of(v); }
    case 26u: { return gelu_of(v); }
    case 27u: { return v / (one + exp(-1.5957691216 * v * (one + 0.044715 * v * v))); }
    default: { return v; }
  }
}

@compute @workgroup_size(group_size)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let i = line_of(id, groups, group_size);
  if (i < params.quads) { y[i] = apply(x[i]); }
}
