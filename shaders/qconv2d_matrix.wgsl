// What qconv2d_tiled computes, on matrix units of the shape of the constants in front. One workgroup = 64 pixels × 64
// channels, 16 words of depth (taps × in/4) at a time; each of four teams = 32 pixels × 32 channels.
// needs: matrix_rows matrix_columns matrix_depth
// use: bytes requantize codes_of windows depth weights implicit_codes matrix_codes
override nibbles: u32 = 0u;
struct Params {
  pixels: u32, height: u32, width: u32, blocks: u32, out_height: u32, out_width: u32, out_blocks: u32,
  kernel_y: u32, kernel_x: u32, stride_y: i32, stride_x: i32, dilation_y: i32, dilation_x: i32,
  pad_top: i32, pad_left: i32, pad_word: u32, zero: i32, low: f32, high: f32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> x: array<u32>;
@group(0) @binding(2) var<storage, read> w: array<vec4<u32>>;
@group(0) @binding(3) var<storage, read> bias: array<vec4<i32>>;
@group(0) @binding(4) var<storage, read> multiplier: array<vec4<f32>>;
@group(0) @binding(5) var<storage, read_write> y: array<u32>;
// Lines of 16 words, one per pixel or channel, padded so that eight of them are in different banks.
const x_line = 20u;
const w_line = 20u;
var<workgroup> x_tile: array<u32, 1280>;
var<workgroup> w_tile: array<u32, 1280>;
var<workgroup> corners: array<vec3<i32>, 64>;
const sums_down = 32u / matrix_rows;
const sums_across = 32u / matrix_columns;
// One matrix per team.
const matrix_sums = matrix_rows * matrix_columns;
var<workgroup> result: array<i32, 4u * matrix_sums>;

// One word of four pixels, eight apart.
fn x_from(pixel: u32, position: vec3<u32>) -> vec4<u32> {
  return vec4<u32>(
    x_at(corners[pixel], position), x_at(corners[pixel + 8u], position),
    x_at(corners[pixel + 16u], position), x_at(corners[pixel + 24u], position));
}

fn keep_x(pixel: u32, word: u32, words: vec4<u32>) {
  let to = pixel * x_line + word;
  x_tile[to] = words.x;
  x_tile[to + 8u * x_line] = words.y;
  x_tile[to + 16u * x_line] = words.z;
  x_tile[to + 24u * x_line] = words.w;
}

// Past the end of the depth weights are zero, so x does not matter there.
fn w_from(group: u32, place: u32, half: u32) -> vec4<u32> {
  let depth = params.kernel_y * params.kernel_x * params.blocks;
  return select(vec4<u32>(0u), w_at(group, place, half), place < depth);
}

fn keep_w(channel: u32, word: u32, words: vec4<u32>) {
  let to = channel * w_line + word;
  w_tile[to] = words.x;
  w_tile[to + w_line] = words.y;
  w_tile[to + 2u * w_line] = words.z;
  w_tile[to + 3u * w_line] = words.w;
}

// Four channels of a row of the matrices in `result`, requantized.
fn store_quad(quad: u32, group: vec3<u32>, down: u32, across: u32) {
  let team = quad / (matrix_sums / 4u);
  let row = quad / (matrix_columns / 4u) % matrix_rows;
  let column = quad % (matrix_columns / 4u) * 4u;
  let at = team * matrix_sums + row * matrix_columns + column;
  let pixel = group.x * 64u + team / 2u * 32u + down * matrix_rows + row;
  let channel = group.y * 64u + team % 2u * 32u + across * matrix_columns + column;
  store(pixel, channel / 4u, vec4<i32>(result[at], result[at + 1u], result[at + 2u], result[at + 3u]));
}

fn compute(group: vec3<u32>, thread: u32, team: u32) {
  let depth = params.kernel_y * params.kernel_x * params.blocks;
  if (thread < 64u) { corners[thread] = corner(min(group.x * 64u + thread, params.pixels - 1u)); }
  workgroupBarrier();
  // In each step this thread fetches one word of eight pixels and twice four words of weights.
  let word = thread % 16u;
  let pixel = thread / 16u % 2u * 4u + thread / 32u;
  var position = position_of(word);
  let half = thread % 2u;
  let place = thread / 2u % 16u;
  let channels = thread / 32u;
  // The beginning of this team's rows and columns.
  let x_first = team / 2u * 32u * x_line;
  let w_first = team % 2u * 32u * w_line;
  var sums: array<array<Sums, sums_across>, sums_down>;
  for (var k = 0u; k < depth; k += 16u) {
    let v0 = x_from(pixel, position);
    let v1 = x_from(pixel + 32u, position);
    let u0 = w_from(group.y * 8u + channels, k + place, half);
    let u1 = w_from(group.y * 8u + channels + 4u, k + place, half);
    position = advance(position, 16u);
    workgroupBarrier();
    keep_x(pixel, word, v0);
    keep_x(pixel + 32u, word, v1);
    keep_w(channels * 8u + half * 4u, place, u0);
    keep_w(channels * 8u + half * 4u + 32u, place, u1);
    workgroupBarrier();
    if (team < 4u) {
      for (var q = 0u; q < 16u; q += matrix_depth / 4u) {
        var right: array<Right, sums_across>;
        for (var j = 0u; j < sums_across; j++) { right[j] = right_at(w_first + j * matrix_columns * w_line + q); }
        for (var i = 0u; i < sums_down; i++) {
          let left = left_at(x_first + i * matrix_rows * x_line + q);
          for (var j = 0u; j < sums_across; j++) { sums[i][j] = multiply_add(left, right[j], sums[i][j]); }
        }
      }
    }
  }
  for (var i = 0u; i < sums_down; i++) {
    for (var j = 0u; j < sums_across; j++) {
      workgroupBarrier();
      if (team < 4u) { put(sums[i][j], team * matrix_sums); }
      workgroupBarrier();
      for (var quad = thread; quad < matrix_sums; quad += 128u) { store_quad(quad, group, i, j); }
    }
  }
}

@compute @workgroup_size(128)
fn main(
  @builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32,
  @builtin(subgroup_id) team: u32,
) {
  compute(group, thread, team);
}
