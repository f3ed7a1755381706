// y = (x − mean) / √(variance + epsilon) · scale + bias along lines as in reduce.wgsl; if centered is 0, the mean
// is taken as zero (RMS). One workgroup = one line. Element k of a line takes scale and bias number
// line % stride_channels · scale_step + k / scale_inner; lines from `channels` on are padding and become zero.
override group_size: u32 = 64u;
override centered: u32 = 1u;
override has_scale: u32 = 0u;
override has_bias: u32 = 0u;
struct Params {
  outer: u32, count: u32, inner: u32, outer_stride: u32, stride: u32,
  channels: u32, stride_channels: u32, scale_step: u32, scale_inner: u32, epsilon: f32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> x: array<f32>;
@group(0) @binding(2) var<storage, read> scale: array<f32>;
@group(0) @binding(3) var<storage, read> bias: array<f32>;
@group(0) @binding(4) var<storage, read_write> y: array<f32>;
@group(0) @binding(5) var<storage, read_write> mean: array<f32>;
@group(0) @binding(6) var<storage, read_write> inverse: array<f32>;
var<workgroup> parts: array<f32, group_size>;

// The sum of all threads' parts, for every thread; the last barrier frees `parts` for the next use.
fn total(part: f32, thread: u32) -> f32 {
  parts[thread] = part;
  for (var half = group_size / 2u; half > 0u; half = half / 2u) {
    workgroupBarrier();
    if (thread < half) { parts[thread] += parts[thread + half]; }
  }
  workgroupBarrier();
  let result = parts[0];
  workgroupBarrier();
  return result;
}

@compute @workgroup_size(group_size)
fn main(@builtin(local_invocation_id) local: vec3<u32>, @builtin(workgroup_id) group: vec3<u32>,
        @builtin(num_workgroups) groups: vec3<u32>) {
  let line = group.x + group.y * groups.x;
  if (line >= params.outer * params.inner) { return; }
  let first = line / params.inner * params.outer_stride + line % params.inner;
  let channel = line % params.stride_channels;
  let padding = channel >= params.channels;
  var center = 0.0;
  var sum = 0.0;
  if (centered == 1u) {
    for (var k = local.x; k < params.count; k += group_size) { sum += x[first + k * params.stride]; }
    center = total(sum, local.x) / f32(params.count);
    sum = 0.0;
  }
  for (var k = local.x; k < params.count; k += group_size) {
    let v = x[first + k * params.stride] - center;
    sum += v * v;
  }
  let factor = 1.0 / sqrt(total(sum, local.x) / f32(params.count) + params.epsilon);
  if (local.x == 0u) { mean[line] = center; inverse[line] = factor; }
  for (var k = local.x; k < params.count; k += group_size) {
    let at = first + k * params.stride;
    let c = channel * params.scale_step + k / params.scale_inner;
    var v = (x[at] - center) * factor;
    if (has_scale == 1u && !padding) { v *= scale[c]; }
    if (has_bias == 1u && !padding) { v += bias[c]; }
    y[at] = select(v, 0.0, padding);
  }
}
