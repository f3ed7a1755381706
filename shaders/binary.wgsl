// y = clamp(f(a, b)), two buffers of the same layout, four elements at a time; b may be one scalar; `kind` selects f.
// needs: kind_*
// use: lines nan binary
override group_size: u32 = 64u;
override kind: u32 = 0u;
override b_scalar: u32 = 0u;
struct Params { quads: u32, low: f32, high: f32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> a: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read_write> b: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read_write> y: array<vec4<f32>>;

@compute @workgroup_size(group_size)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let i = line_of(id, groups, group_size);
  if (i >= params.quads) { return; }
  var right: vec4<f32>;
  if (b_scalar == 1u) { right = vec4<f32>(b[0].x); } else { right = b[i]; }
  y[i] = clamp_to(combine(kind, a[i], right), params.low, params.high);
}
