// partial[segment][output][channel][slice][tap] = Σ over a segment of output rows of dy · x under the tap, any number
// of groups. Channels last; a group's channels are slices side by side. One thread = one weight of one segment.
// use: lines
override group_size: u32 = 64u;
struct Params {
  segment_rows: u32, segments: u32, rows: u32, out_height: u32, out_width: u32, height: u32, width: u32, x_row: u32,
  y_row: u32, group_in: u32, group_out: u32, taps: u32, slices: u32, kernel_x: u32, stride_y: i32, stride_x: i32,
  dilation_y: i32, dilation_x: i32, pad_top: i32, pad_left: i32, count: u32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> dy: array<f32>;
@group(0) @binding(3) var<storage, read_write> partial: array<f32>;

@compute @workgroup_size(group_size)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let line = line_of(id, groups, group_size);
  if (line >= params.count * params.segments) { return; }
  let weight = line % params.count;
  let tap = weight % params.taps;
  let slice = weight / params.taps % params.slices;
  let channels = weight / params.taps / params.slices;
  let each = params.group_in / params.slices;
  let output = channels / each;
  let channel = output / params.group_out * params.group_in + slice * each + channels % each;
  let dy0 = i32(tap / params.kernel_x) * params.dilation_y - params.pad_top;
  let dx0 = i32(tap % params.kernel_x) * params.dilation_x - params.pad_left;
  let first = line / params.count * params.segment_rows;
  let end = min(first + params.segment_rows, params.rows);
  var sum = 0.0;
  for (var row = first; row < end; row++) {
    let iy = i32(row % params.out_height) * params.stride_y + dy0;
    if (iy < 0 || iy >= i32(params.height)) { continue; }
    let start = (row / params.out_height * params.height + u32(iy)) * params.width;
    var part = 0.0;
    for (var ox = 0u; ox < params.out_width; ox++) {
      let ix = i32(ox) * params.stride_x + dx0;
      if (ix < 0 || ix >= i32(params.width)) { continue; }
      let slope = dy[(row * params.out_width + ox) * params.y_row + output];
      part += slope * x[(start + u32(ix)) * params.x_row + channel];
    }
    sum += part;
  }
  partial[line] = sum;
}
