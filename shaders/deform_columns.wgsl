// y[pixel][channel · taps + tap] = mask · x, interpolated at tap + offset, zero outside; x channels last.
// offset: [images][offset_groups][taps][row, column][out pixels], mask: [images][offset_groups][taps][out pixels].
// One thread = one element of y.
// use: lines
override group_size: u32 = 64u;
override has_mask: u32 = 0u;
struct Params {
  images: u32, channels: u32, lanes: u32, out_lanes: u32, height: i32, width: i32, out_height: u32, out_width: u32,
  kernel_y: u32, kernel_x: u32, stride_y: i32, stride_x: i32, dilation_y: i32, dilation_x: i32,
  pad_top: i32, pad_left: i32, offset_groups: u32, group_channels: u32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> offset: array<f32>;
@group(0) @binding(3) var<storage, read_write> mask: array<f32>;
@group(0) @binding(4) var<storage, read_write> y: array<f32>;

fn pixel(image: u32, row: i32, column: i32, c: u32) -> f32 {
  if (row < 0 || row >= params.height || column < 0 || column >= params.width) { return 0.0; }
  return x[u32((i32(image) * params.height + row) * params.width + column) * params.lanes + c];
}

@compute @workgroup_size(group_size)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let line = line_of(id, groups, group_size);
  let taps = params.kernel_y * params.kernel_x;
  let area = params.out_height * params.out_width;
  let lane = line % params.out_lanes;
  let image = line / params.out_lanes / area;
  let place = line / params.out_lanes % area;
  if (image >= params.images) { return; }
  let c = lane / taps;
  let tap = lane % taps;
  if (c >= params.channels) { y[line] = 0.0; return; }
  let at = (image * params.offset_groups + c / params.group_channels) * taps + tap;
  let iy = f32(i32(place / params.out_width) * params.stride_y - params.pad_top +
    i32(tap / params.kernel_x) * params.dilation_y) + offset[at * 2u * area + place];
  let ix = f32(i32(place % params.out_width) * params.stride_x - params.pad_left +
    i32(tap % params.kernel_x) * params.dilation_x) + offset[(at * 2u + 1u) * area + place];
  let top = floor(iy);
  let left = floor(ix);
  let down = iy - top;
  let right = ix - left;
  let row = i32(top);
  let column = i32(left);
  let above = pixel(image, row, column, c) * (1.0 - right) + pixel(image, row, column + 1, c) * right;
  let below = pixel(image, row + 1, column, c) * (1.0 - right) + pixel(image, row + 1, column + 1, c) * right;
  var value = above * (1.0 - down) + below * down;
  if (has_mask == 1u) { value *= mask[at * area + place]; }
  y[line] = value;
}
