// y = x / (bias + alpha / size · Σ x²)^beta, Σ over the `size` channels around c = i / inner % stride_channels.
// One thread = one element. Lanes from `channels` to `stride_channels` are padding and become zero.
// use: lines
override group_size: u32 = 64u;
struct Params {
  count: u32, inner: u32, channels: u32, stride_channels: u32, size: u32, alpha: f32, beta: f32, bias: f32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(group_size)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let i = line_of(id, groups, group_size);
  if (i >= params.count) { return; }
  let c = i / params.inner % params.stride_channels;
  if (c >= params.channels) { y[i] = 0.0; return; }
  let before = min(c, (params.size - 1u) / 2u);
  let after = min(params.channels - 1u - c, params.size / 2u);
  var sum = 0.0;
  for (var j = 0u; j <= before + after; j++) {
    let v = x[i - before * params.inner + j * params.inner];
    sum += v * v;
  }
  y[i] = x[i] / pow(params.bias + params.alpha / f32(params.size) * sum, params.beta);
}
