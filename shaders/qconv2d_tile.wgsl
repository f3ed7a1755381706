// What qconv2d_tiled computes, through workgroup memory: an implicit matrix product. One workgroup = 64 pixels ×
// 64 channels, 16 words of depth (taps × in/4) at a time; one thread = 4 pixels × 4 channels.
// use: bytes requantize codes_of windows depth weights implicit_codes dot_products
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
// [16 words deep][16 fours of pixels] and [16 words deep][16 blocks of channels]. Lines are padded so that neighbouring
// threads write to different banks.
const x_line = 17u;
const w_line = 18u;
var<workgroup> x_tile: array<vec4<u32>, 272>;
var<workgroup> w_tile: array<vec4<u32>, 288>;

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  let depth = params.kernel_y * params.kernel_x * params.blocks;
  let tx = thread % 16u;
  let ty = thread / 16u;
  // In each step this thread fetches one word of four pixels and four words of weights.
  let last = params.pixels - 1u;
  let pixel = group.x * 64u + ty * 4u;
  let p0 = corner(min(pixel, last));
  let p1 = corner(min(pixel + 1u, last));
  let p2 = corner(min(pixel + 2u, last));
  let p3 = corner(min(pixel + 3u, last));
  let x_to = tx * x_line + ty;
  var position = position_of(tx);
  let half = thread % 2u;
  let place = thread / 2u % 16u;
  let w_group = group.y * 8u + thread / 32u;
  let w_to = place * w_line + thread / 32u * 2u + half;
  var s0 = vec4<i32>(0); var s1 = vec4<i32>(0); var s2 = vec4<i32>(0); var s3 = vec4<i32>(0);
  for (var k = 0u; k < depth; k += 16u) {
    let v = vec4<u32>(x_at(p0, position), x_at(p1, position), x_at(p2, position), x_at(p3, position));
    let u = w_at(w_group, k + place, half);
    position = advance(position, 16u);
    workgroupBarrier();
    x_tile[x_to] = v;
    w_tile[w_to] = u;
    workgroupBarrier();
    let end = min(16u, depth - k);
    for (var q = 0u; q < end; q++) {
      let xs = x_tile[q * x_line + ty];
      let ws = w_tile[q * w_line + tx];
      s0 += products(xs.x, ws);
      s1 += products(xs.y, ws);
      s2 += products(xs.z, ws);
      s3 += products(xs.w, ws);
    }
  }
  let block = group.y * 16u + tx;
  store(pixel, block, s0);
  store(pixel + 1u, block, s1);
  store(pixel + 2u, block, s2);
  store(pixel + 3u, block, s3);
}
