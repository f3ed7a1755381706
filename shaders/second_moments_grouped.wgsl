// moments[group][a][b] = Σ over output pixels of z_a · z_b, any number of groups; the plain kernel. z is a group's
// patch by channel and tap, a one, then the group's y; the last column is z_a itself. One thread = one sum, row by row.
// use: lines
override group_size: u32 = 64u;
// The distance of neighbouring pixels of x under the window; between them are zeros.
override apart_y: i32 = 1;
override apart_x: i32 = 1;
struct Params {
  rows: u32, out_height: u32, out_width: u32, height: u32, width: u32, x_row: u32, y_row: u32, group_in: u32,
  group_out: u32, taps: u32, kernel_x: u32, stride_y: i32, stride_x: i32, dilation_y: i32, dilation_x: i32,
  pad_top: i32, pad_left: i32, depth: u32, count: u32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;
@group(0) @binding(3) var<storage, read_write> moments: array<f32>;

fn z(group: u32, k: u32, row: u32, ox: u32) -> f32 {
  if (k == params.depth) { return 1.0; }
  if (k > params.depth) {
    return y[(row * params.out_width + ox) * params.y_row + group * params.group_out + k - params.depth - 1u];
  }
  let tap = k % params.taps;
  let dy = i32(tap / params.kernel_x) * params.dilation_y - params.pad_top;
  let dx = i32(tap % params.kernel_x) * params.dilation_x - params.pad_left;
  let iy = i32(row % params.out_height) * params.stride_y + dy;
  let ix = i32(ox) * params.stride_x + dx;
  let outside = iy < 0 || iy >= i32(params.height) * apart_y || ix < 0 || ix >= i32(params.width) * apart_x;
  if (outside || iy % apart_y != 0 || ix % apart_x != 0) { return 0.0; }
  let pixel = (row / params.out_height * params.height + u32(iy / apart_y)) * params.width + u32(ix / apart_x);
  return x[pixel * params.x_row + group * params.group_in + k / params.taps];
}

@compute @workgroup_size(group_size)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let line = line_of(id, groups, group_size);
  if (line >= params.count) { return; }
  let column = line % (params.depth + 2u);
  let lines = line / (params.depth + 2u);
  let a = lines % (params.depth + 1u + params.group_out);
  let group = lines / (params.depth + 1u + params.group_out);
  let b = select(column, a, column > params.depth);
  var sum = 0.0;
  for (var row = 0u; row < params.rows; row++) {
    var part = 0.0;
    for (var ox = 0u; ox < params.out_width; ox++) { part += z(group, a, row, ox) * z(group, b, row, ox); }
    sum += part;
  }
  moments[line] = sum;
}
