// y = dy · the derivative of fake_quantize.wgsl by x or by the scale, four at a time: within the range of codes 1 or
// round(x / s) − x / s, at saturation 0 or the code minus the zero point.
// use: lines quantize channel_coding
override group_size: u32 = 64u;
override per_channel: u32 = 0u;
override has_zero_point: u32 = 0u;
override by_scale: u32 = 0u;
struct Params { quads: u32, inner: u32, channels: u32, code_low: f32, code_high: f32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> x: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read_write> dy: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> scale: array<f32>;
@group(0) @binding(4) var<storage, read> zero_point: array<i32>;
@group(0) @binding(5) var<storage, read_write> y: array<vec4<f32>>;

@compute @workgroup_size(group_size)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let i = line_of(id, groups, group_size);
  if (i >= params.quads) { return; }
  let coding = coding_of(i);
  let s = coding.scale;
  let z = vec4<f32>(coding.zero);
  let code = code_of(x[i], s, z, params.code_low, params.code_high);
  let inside = code == round(x[i] / s) + z;
  if (by_scale == 1u) { y[i] = dy[i] * (code - z - select(vec4<f32>(0.0), x[i] / s, inside)); }
  else { y[i] = dy[i] * select(vec4<f32>(0.0), vec4<f32>(1.0), inside); }
}
