// y = clamp(round(x · per_step), low, high) · step, ties upwards, as DPUs round. One thread = four elements.
// use: lines
override group_size: u32 = 64u;
struct Params { quads: u32, per_step: f32, step: f32, code_low: f32, code_high: f32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> x: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read_write> y: array<vec4<f32>>;

@compute @workgroup_size(group_size)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let i = line_of(id, groups, group_size);
  if (i >= params.quads) { return; }
  let v = x[i] * params.per_step;
  // Not floor(v + 0.5), which rounds the largest number below 0.5 up.
  let below = floor(v);
  let code = select(below, below + 1.0, v - below >= vec4<f32>(0.5));
  y[i] = clamp(code, vec4<f32>(params.code_low), vec4<f32>(params.code_high)) * params.step;
}
