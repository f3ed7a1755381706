// y = f(x), circular and hyperbolic functions and their inverses, four at a time, within a few ulp for all finite x;
// `kind` selects f. WGSL itself only guarantees 2^−11 within ±π.
// Fits: Cephes (sinf, cosf, asinf, atanf).
// needs: kind_*
// use: lines nan log_1p turn
override group_size: u32 = 64u;
override kind: u32 = 0u;
struct Params { quads: u32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> x: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read_write> y: array<vec4<f32>>;
const pi = 3.14159265;

fn sine(r: f32) -> f32 {
  let z = r * r;
  return r + r * z * ((-1.9515295891e-4 * z + 8.3321608736e-3) * z - 1.6666654611e-1);
}

fn cosine(r: f32) -> f32 {
  let z = r * r;
  return 1.0 - 0.5 * z + z * z * ((2.443315711809948e-5 * z - 1.388731625493765e-3) * z + 4.166664568298827e-2);
}

fn circular(v: f32) -> f32 {
  let turn = turn_of(v);
  let across = (turn.quadrant & 1u) == 1u;
  if (kind == kind_tan) {
    if (across) { return -cosine(turn.angle) / sine(turn.angle); }
    return sine(turn.angle) / cosine(turn.angle);
  }
  let size = select(cosine(turn.angle), sine(turn.angle), across == (kind == kind_cos));
  let negative = ((turn.quadrant + select(0u, 1u, kind == kind_cos)) & 2u) == 2u;
  return select(size, -size, negative);
}

fn signed_as(size: vec4<f32>, v: vec4<f32>) -> vec4<f32> {
  return select(size, -size, v < vec4<f32>(0.0));
}

// The arc sine of w = √z; z ≤ 1/4.
fn arc(z: vec4<f32>, w: vec4<f32>) -> vec4<f32> {
  return w + w * z * ((((4.2163199048e-2 * z + 2.4181311049e-2) * z + 4.5470025998e-2) * z + 7.4953002686e-2) * z +
    1.6666752422e-1);
}

fn arc_sine(v: vec4<f32>, complement: bool) -> vec4<f32> {
  let size = abs(v);
  let outer = size > vec4<f32>(0.5);
  let z = select(size * size, 0.5 * (1.0 - size), outer);
  let part = arc(z, select(size, sqrt(max(z, vec4<f32>(0.0))), outer));
  let inner = select(part, 0.5 * pi - 2.0 * part, outer);
  var result = signed_as(inner, v);
  if (complement) {
    let far = select(2.0 * part, pi - 2.0 * part, v < vec4<f32>(0.0));
    result = select(0.5 * pi - result, far, outer);
  }
  return select(result, not_a_number(), size > vec4<f32>(1.0));
}

fn arc_tangent(v: vec4<f32>) -> vec4<f32> {
  let size = abs(v);
  let middle = size > vec4<f32>(0.41421356);
  let outer = size > vec4<f32>(2.41421356);
  let w = select(select(size, (size - 1.0) / (size + 1.0), middle), -1.0 / size, outer);
  let start = select(select(vec4<f32>(0.0), vec4<f32>(0.25 * pi), middle), vec4<f32>(0.5 * pi), outer);
  let z = w * w;
  let fit = ((8.05374449538e-2 * z - 1.38776856032e-1) * z + 1.99777106478e-1) * z - 3.33329491539e-1;
  return signed_as(start + (fit * z * w + w), v);
}

fn hyperbolic_sine(v: vec4<f32>) -> vec4<f32> {
  let root = exp(0.5 * abs(v));
  let half = 0.5 * root * root;
  let z = v * v;
  let near = v + v * z * (((z / 72.0 + 1.0) * z / 42.0 + 1.0) * z / 20.0 + 1.0) / 6.0;
  return select(signed_as(half - 0.25 / half, v), near, abs(v) < vec4<f32>(1.0));
}

fn hyperbolic_cosine(v: vec4<f32>) -> vec4<f32> {
  let root = exp(0.5 * abs(v));
  let half = 0.5 * root * root;
  return half + 0.25 / half;
}

// Beyond 2^30 the square would overflow and the 1 under the root is negligible.
fn area_sine(v: vec4<f32>) -> vec4<f32> {
  let size = abs(v);
  let near = log_1p(size + size * size / (1.0 + sqrt(size * size + 1.0)));
  return signed_as(select(near, log(size) + 0.69314718, size > vec4<f32>(1073741824.0)), v);
}

fn area_cosine(v: vec4<f32>) -> vec4<f32> {
  let over = v - 1.0;
  let near = log_1p(over + sqrt(max(over * (over + 2.0), vec4<f32>(0.0))));
  let result = select(near, log(v) + 0.69314718, v > vec4<f32>(1073741824.0));
  return select(result, not_a_number(), v < vec4<f32>(1.0));
}

fn area_tangent(v: vec4<f32>) -> vec4<f32> {
  let size = abs(v);
  let result = signed_as(0.5 * log_1p(2.0 * size / (1.0 - size)), v);
  return select(result, not_a_number(), size > vec4<f32>(1.0));
}

fn apply(v: vec4<f32>) -> vec4<f32> {
  switch (kind) {
    case kind_asin: { return arc_sine(v, false); }
    case kind_acos: { return arc_sine(v, true); }
    case kind_atan: { return arc_tangent(v); }
    case kind_sinh: { return hyperbolic_sine(v); }
    case kind_cosh: { return hyperbolic_cosine(v); }
    case kind_asinh: { return area_sine(v); }
    case kind_acosh: { return area_cosine(v); }
    case kind_atanh: { return area_tangent(v); }
    default: { return vec4<f32>(circular(v.x), circular(v.y), circular(v.z), circular(v.w)); }
  }
}

@compute @workgroup_size(group_size)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let i = line_of(id, groups, group_size);
  if (i < params.quads) { y[i] = apply(x[i]); }
}
