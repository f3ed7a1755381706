// y = f(x), elementwise, four at a time; `kind` names f (src/kernels/unary.ts has the list in the same order).
// use: lines
override group_size: u32 = 64u;
override kind: u32 = 0u;
struct Params { quads: u32, alpha: f32, beta: f32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> x: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read_write> y: array<vec4<f32>>;

fn apply(v: vec4<f32>) -> vec4<f32> {
  let zero = vec4<f32>(0.0);
  let one = vec4<f32>(1.0);
  switch (kind) {
    case 0u: { return clamp(v, vec4<f32>(params.alpha), vec4<f32>(params.beta)); }
    case 1u: { return one / (one + exp(-v)); }
    case 2u: { return exp(v); }
    case 3u: { return tanh(clamp(v, vec4<f32>(-20.0), vec4<f32>(20.0))); }
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
    default: { return v; }
  }
}

@compute @workgroup_size(group_size)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let i = line_of(id, groups, group_size);
  if (i < params.quads) { y[i] = apply(x[i]); }
}
