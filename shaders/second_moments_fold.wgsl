// moments[a][b] = Σ of second_moments.wgsl's partial sums over segments, in the weights' order: rows are the patch by
// channel and tap, a one, then y; columns are the patch, a one, last the row itself (squares). One thread = one sum.
// use: lines
override group_size: u32 = 64u;
struct Params {
  segments: u32, segment_words: u32, taps: u32, blocks: u32, depth: u32, y_channels: u32, columns: u32,
  first_y: u32, first_square: u32, count: u32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> partial: array<f32>;
@group(0) @binding(2) var<storage, read_write> moments: array<f32>;

fn lane_of(k: u32) -> u32 {
  if (k == params.depth) { return params.taps * params.blocks * 4u; }
  return k % params.taps * params.blocks * 4u + k / params.taps;
}

fn word_of(row: u32, column: u32, columns: u32) -> u32 {
  return ((row / 16u * columns + column / 4u) * 16u + row % 16u) * 4u + column % 4u;
}

@compute @workgroup_size(group_size)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let line = line_of(id, groups, group_size);
  if (line >= params.count) { return; }
  let a = line / (params.depth + 2u);
  let b = line % (params.depth + 2u);
  var word: u32;
  if (a > params.depth) {
    let o = a - params.depth - 1u;
    if (b > params.depth) { word = params.first_square + word_of(o, o, (params.y_channels + 3u) / 4u); }
    else { word = params.first_y + word_of(o, lane_of(b), params.columns); }
  } else {
    let i = lane_of(a);
    let j = lane_of(select(b, a, b > params.depth));
    word = word_of(min(i, j), max(i, j), params.columns);
  }
  var sum = 0.0;
  for (var segment = 0u; segment < params.segments; segment++) {
    sum += partial[segment * params.segment_words + word];
  }
  moments[line] = sum;
}
