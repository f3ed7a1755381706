// y = (x − mean[c]) · scale[c] / √(variance[c] + epsilon) + bias[c], c = i / inner % stride_channels.
// One thread = one element. Lanes from `channels` to `stride_channels` are padding and become zero.
// use: lines
override group_size: u32 = 64u;
struct Params { count: u32, inner: u32, channels: u32, stride_channels: u32, epsilon: f32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> x: array<f32>;
@group(0) @binding(2) var<storage, read> scale: array<f32>;
@group(0) @binding(3) var<storage, read> bias: array<f32>;
@group(0) @binding(4) var<storage, read> mean: array<f32>;
@group(0) @binding(5) var<storage, read> variance: array<f32>;
@group(0) @binding(6) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(group_size)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let i = line_of(id, groups, group_size);
  if (i >= params.count) { return; }
  let c = i / params.inner % params.stride_channels;
  if (c >= params.channels) { y[i] = 0.0; return; }
  y[i] = (x[i] - mean[c]) * (scale[c] / sqrt(variance[c] + params.epsilon)) + bias[c];
}
