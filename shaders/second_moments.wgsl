// partial[segment][tile of 16 rows][block of 4 columns] = Σ rows ⊗ columns over a segment of output rows, no im2col:
// rows and columns are lanes of the patch under a window (taps × blocks of x), a one, then zeros; or elements of y.
// One thread = one tile × one block. All threads of a workgroup share its rows, which are read once.
override group_size: u32 = 32u;
override rows_of_y: u32 = 0u;
override columns_of_y: u32 = 0u;
// The distance of neighbouring pixels of x under the window; between them are zeros.
override apart_y: i32 = 1;
override apart_x: i32 = 1;
struct Params {
  segment_rows: u32, rows: u32, out_height: u32, out_width: u32, height: u32, width: u32, blocks: u32,
  patch_blocks: u32, kernel_x: u32, stride_y: i32, stride_x: i32, dilation_y: i32, dilation_x: i32,
  pad_top: i32, pad_left: i32,
  y_row: u32, y_channels: u32, columns: u32, first: u32, segment_words: u32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> x: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;
@group(0) @binding(3) var<storage, read_write> partial: array<vec4<f32>>;

// Four lanes of the patch: their tap's offsets, their block, and their values outside x.
struct Lanes { dy: i32, dx: i32, block: i32, outside: vec4<f32> }

fn lanes_at(block: u32) -> Lanes {
  let tap = block / params.blocks;
  if (block >= params.patch_blocks) {
    return Lanes(-1073741824, 0, 0, vec4<f32>(f32(block == params.patch_blocks), 0.0, 0.0, 0.0));
  }
  return Lanes(
    i32(tap / params.kernel_x) * params.dilation_y - params.pad_top,
    i32(tap % params.kernel_x) * params.dilation_x - params.pad_left,
    i32(block % params.blocks), vec4<f32>(0.0));
}

// The first block of the row of x under an output row, or −1 outside.
fn start_of(lanes: Lanes, row: u32) -> i32 {
  var iy = i32(row % params.out_height) * params.stride_y + lanes.dy;
  var inside = iy >= 0 && iy < i32(params.height) * apart_y;
  if (apart_y > 1) {
    inside &= iy % apart_y == 0;
    iy /= apart_y;
  }
  let line = i32(row / params.out_height * params.height) + iy;
  return select(-1, line * i32(params.width * params.blocks) + lanes.block, inside);
}

fn patch_at(lanes: Lanes, start: i32, left: i32) -> vec4<f32> {
  var ix = left + lanes.dx;
  var inside = start >= 0 && ix >= 0 && ix < i32(params.width) * apart_x;
  if (apart_x > 1) {
    inside &= ix % apart_x == 0;
    ix /= apart_x;
  }
  return select(lanes.outside, x[select(0, start + ix * i32(params.blocks), inside)], inside);
}

fn y_at(pixel: u32, channel: u32) -> vec4<f32> {
  let last = params.y_channels - 1u;
  let at = pixel * params.y_row;
  let v = vec4<f32>(y[at + min(channel, last)], y[at + min(channel + 1u, last)],
    y[at + min(channel + 2u, last)], y[at + min(channel + 3u, last)]);
  return select(vec4<f32>(0.0), v, vec4<u32>(channel, channel + 1u, channel + 2u, channel + 3u) <= vec4<u32>(last));
}

@compute @workgroup_size(group_size)
fn main(@builtin(local_invocation_id) local: vec3<u32>, @builtin(workgroup_id) group: vec3<u32>) {
  let tile = group.y;
  // Products are symmetric: columns begin at their tile's first row, unless only the rows are those of y.
  let skipped = select(tile * 4u, 0u, rows_of_y == 1u && columns_of_y == 0u);
  let column = skipped + group.x * group_size + local.x;
  if (column >= params.columns || (columns_of_y == 1u && column >= skipped + 4u)) { return; }
  let c = lanes_at(column);
  let l0 = lanes_at(tile * 4u); let l1 = lanes_at(tile * 4u + 1u);
  let l2 = lanes_at(tile * 4u + 2u); let l3 = lanes_at(tile * 4u + 3u);
  var a0 = vec4<f32>(0.0); var a1 = vec4<f32>(0.0); var a2 = vec4<f32>(0.0); var a3 = vec4<f32>(0.0);
  var b0 = vec4<f32>(0.0); var b1 = vec4<f32>(0.0); var b2 = vec4<f32>(0.0); var b3 = vec4<f32>(0.0);
  var d0 = vec4<f32>(0.0); var d1 = vec4<f32>(0.0); var d2 = vec4<f32>(0.0); var d3 = vec4<f32>(0.0);
  var e0 = vec4<f32>(0.0); var e1 = vec4<f32>(0.0); var e2 = vec4<f32>(0.0); var e3 = vec4<f32>(0.0);
  let end = min((group.z + 1u) * params.segment_rows, params.rows);
  for (var row = group.z * params.segment_rows; row < end; row++) {
    let sc = start_of(c, row);
    let s0 = start_of(l0, row); let s1 = start_of(l1, row);
    let s2 = start_of(l2, row); let s3 = start_of(l3, row);
    for (var ox = 0u; ox < params.out_width; ox++) {
      let left = i32(ox) * params.stride_x;
      let pixel = row * params.out_width + ox;
      var v: vec4<f32>; var p: vec4<f32>; var q: vec4<f32>; var r: vec4<f32>; var s: vec4<f32>;
      if (columns_of_y == 1u) { v = y_at(pixel, column * 4u); } else { v = patch_at(c, sc, left); }
      if (rows_of_y == 1u) {
        p = y_at(pixel, tile * 16u); q = y_at(pixel, tile * 16u + 4u);
        r = y_at(pixel, tile * 16u + 8u); s = y_at(pixel, tile * 16u + 12u);
      } else {
        p = patch_at(l0, s0, left); q = patch_at(l1, s1, left);
        r = patch_at(l2, s2, left); s = patch_at(l3, s3, left);
      }
      a0 += p.x * v; a1 += p.y * v; a2 += p.z * v; a3 += p.w * v;
      b0 += q.x * v; b1 += q.y * v; b2 += q.z * v; b3 += q.w * v;
      d0 += r.x * v; d1 += r.y * v; d2 += r.z * v; d3 += r.w * v;
      e0 += s.x * v; e1 += s.y * v; e2 += s.z * v; e3 += s.w * v;
    }
  }
  let at = (group.z * params.segment_words + params.first) / 4u + (tile * params.columns + column) * 16u;
  partial[at] = a0; partial[at + 1u] = a1; partial[at + 2u] = a2; partial[at + 3u] = a3;
  partial[at + 4u] = b0; partial[at + 5u] = b1; partial[at + 6u] = b2; partial[at + 7u] = b3;
  partial[at + 8u] = d0; partial[at + 9u] = d1; partial[at + 10u] = d2; partial[at + 11u] = d3;
  partial[at + 12u] = e0; partial[at + 13u] = e1; partial[at + 14u] = e2; partial[at + 15u] = e3;
}
