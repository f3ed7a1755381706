// w [out][in][kernel] → y [out/8][kernel][in/4][4 in][8 out], zeros where channels are padded.
// One thread = one element of y. kernel = kernel_y · kernel_x.
// use: lines
override group_size: u32 = 64u;
struct Params { out_channels: u32, in_channels: u32, taps: u32, in_blocks: u32, count: u32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> w: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(group_size)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let i = line_of(id, groups, group_size);
  if (i >= params.count) { return; }
  let rest = i / 32u;
  let c = (rest % params.in_blocks) * 4u + (i / 8u) % 4u;
  let tap = (rest / params.in_blocks) % params.taps;
  let o = (rest / params.in_blocks / params.taps) * 8u + i % 8u;
  var value = 0.0;
  if (c < params.in_channels && o < params.out_channels) {
    value = w[(o * params.in_channels + c) * params.taps + tap];
  }
  y[i] = value;
}
