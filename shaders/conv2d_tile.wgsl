// What conv2d_tiled computes, through workgroup memory: an implicit matrix product. One workgroup = 64 pixels ×
// 32 channels, four blocks of depth (taps × in/4) at a time; one thread = 8 pixels, in two halves, × 4 channels.
// use: convolved windows depth conv2d_fetch
override has_bias: u32 = 0u;
override has_residual: u32 = 0u;
struct Params {
  pixels: u32, height: u32, width: u32, blocks: u32, out_height: u32, out_width: u32,
  out_channels: u32, out_blocks: u32, kernel_y: u32, kernel_x: u32,
  stride_y: i32, stride_x: i32, dilation_y: i32, dilation_x: i32, pad_top: i32, pad_left: i32,
  low: f32, high: f32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> x: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> w: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> bias: array<f32>;
@group(0) @binding(4) var<storage, read_write> residual: array<vec4<f32>>;
@group(0) @binding(5) var<storage, read_write> y: array<vec4<f32>>;
// [4 blocks][64 pixels] and [16 deep][8 quads]. Two more per line, so that neighbouring threads write to different
// banks.
const x_line = 66u;
const w_line = 10u;
var<workgroup> x_tile: array<vec4<f32>, 264>;
var<workgroup> w_tile: array<vec4<f32>, 160>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  let depth = params.kernel_y * params.kernel_x * params.blocks;
  let tx = thread % 8u;
  let ty = thread / 8u;
  // In each step this thread fetches one block of four pixels and two quads of weights.
  let last = params.pixels - 1u;
  let pixel = group.x * 64u + thread / 4u;
  let p0 = corner(min(pixel, last));
  let p1 = corner(min(pixel + 16u, last));
  let p2 = corner(min(pixel + 32u, last));
  let p3 = corner(min(pixel + 48u, last));
  let x_to = thread % 4u * x_line + thread / 4u;
  var position = position_of(thread % 4u);
  let w_block = thread / 8u % 4u;
  let w_group = group.y * 4u + thread / 32u;
  let w_to = (w_block * 4u + tx / 2u) * w_line + thread / 32u * 2u + tx % 2u;
  var s0 = vec4<f32>(0.0); var s1 = vec4<f32>(0.0); var s2 = vec4<f32>(0.0); var s3 = vec4<f32>(0.0);
  var s4 = vec4<f32>(0.0); var s5 = vec4<f32>(0.0); var s6 = vec4<f32>(0.0); var s7 = vec4<f32>(0.0);
  for (var k = 0u; k < depth; k += 4u) {
    let v0 = x_at(p0, position); let v1 = x_at(p1, position);
    let v2 = x_at(p2, position); let v3 = x_at(p3, position);
    let u0 = w_at(w_group, k + w_block, tx);
    let u1 = w_at(w_group + 2u, k + w_block, tx);
    position = advance(position, 4u);
    workgroupBarrier();
    x_tile[x_to] = v0; x_tile[x_to + 16u] = v1; x_tile[x_to + 32u] = v2; x_tile[x_to + 48u] = v3;
    w_tile[w_to] = u0; w_tile[w_to + 4u] = u1;
    workgroupBarrier();
    let end = min(4u, depth - k);
    for (var q = 0u; q < end; q++) {
      let start = q * x_line + ty * 4u;
      let x0 = x_tile[start]; let x1 = x_tile[start + 1u];
      let x2 = x_tile[start + 2u]; let x3 = x_tile[start + 3u];
      let x4 = x_tile[start + 32u]; let x5 = x_tile[start + 33u];
      let x6 = x_tile[start + 34u]; let x7 = x_tile[start + 35u];
      let line = q * 4u * w_line + tx;
      var u = w_tile[line];
      s0 += x0.x * u; s1 += x1.x * u; s2 += x2.x * u; s3 += x3.x * u;
      s4 += x4.x * u; s5 += x5.x * u; s6 += x6.x * u; s7 += x7.x * u;
      u = w_tile[line + w_line];
      s0 += x0.y * u; s1 += x1.y * u; s2 += x2.y * u; s3 += x3.y * u;
      s4 += x4.y * u; s5 += x5.y * u; s6 += x6.y * u; s7 += x7.y * u;
      u = w_tile[line + 2u * w_line];
      s0 += x0.z * u; s1 += x1.z * u; s2 += x2.z * u; s3 += x3.z * u;
      s4 += x4.z * u; s5 += x5.z * u; s6 += x6.z * u; s7 += x7.z * u;
      u = w_tile[line + 3u * w_line];
      s0 += x0.w * u; s1 += x1.w * u; s2 += x2.w * u; s3 += x3.w * u;
      s4 += x4.w * u; s5 += x5.w * u; s6 += x6.w * u; s7 += x7.w * u;
    }
  }
  let first = group.x * 64u + ty * 4u;
  let block = group.y * 8u + tx;
  store(first, block, s0);
  store(first + 1u, block, s1);
  store(first + 2u, block, s2);
  store(first + 3u, block, s3);
  store(first + 32u, block, s4);
  store(first + 33u, block, s5);
  store(first + 34u, block, s6);
  store(first + 35u, block, s7);
}
