// dw[output][channel][slice][tap] = Σ of second_moments.wgsl's partial sums over segments, whose rows are outputs and
// whose columns are the patch: taps × slices × channels in blocks of four. One thread = one weight.
// use: lines
override group_size: u32 = 64u;
struct Params {
  segments: u32, segment_words: u32, columns: u32, blocks: u32, taps: u32, slices: u32, channels: u32, count: u32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> partial: array<f32>;
@group(0) @binding(2) var<storage, read_write> dw: array<f32>;

@compute @workgroup_size(group_size)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let line = line_of(id, groups, group_size);
  if (line >= params.count) { return; }
  let slice = line / params.taps % params.slices;
  let channels = line / params.taps / params.slices;
  let row = channels / params.channels;
  let lane = line % params.taps * params.blocks * 4u + slice * params.channels + channels % params.channels;
  let word = ((row / 16u * params.columns + lane / 4u) * 16u + row % 16u) * 4u + lane % 4u;
  var sum = 0.0;
  for (var segment = 0u; segment < params.segments; segment++) {
    sum += partial[segment * params.segment_words + word];
  }
  dw[line] = sum;
}
