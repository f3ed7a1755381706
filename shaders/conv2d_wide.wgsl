// What conv2d_tiled computes, through workgroup memory, for many pixels and channels: an implicit matrix product.
// One workgroup = 128 pixels × 64 channels, four blocks of depth (taps × in/4) at a time.
// One thread = 8 pixels × 8 channels, in two halves each way.
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
// [4 blocks][128 pixels] and [16 deep][16 quads]. Two more per line, so that neighbouring threads write to different
// banks.
const x_line = 130u;
const w_line = 18u;
var<workgroup> x_tile: array<vec4<f32>, 520>;
var<workgroup> w_tile: array<vec4<f32>, 288>;

@compute @workgroup_size(128)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  let depth = params.kernel_y * params.kernel_x * params.blocks;
  let tx = thread % 8u;
  let ty = thread / 8u;
  // In each step this thread fetches one block of four pixels and two quads of weights.
  let last = params.pixels - 1u;
  let pixel = group.x * 128u + thread / 4u;
  let p0 = corner(min(pixel, last));
  let p1 = corner(min(pixel + 32u, last));
  let p2 = corner(min(pixel + 64u, last));
  let p3 = corner(min(pixel + 96u, last));
  let x_to = thread % 4u * x_line + thread / 4u;
  var position = position_of(thread % 4u);
  let w_block = thread / 8u % 4u;
  let w_group = group.y * 8u + thread / 32u;
  let w_to = (w_block * 4u + tx / 2u) * w_line + thread / 32u * 2u + tx % 2u;
  var s0 = vec4<f32>(0.0); var t0 = s0; var s1 = vec4<f32>(0.0); var t1 = s1;
  var s2 = vec4<f32>(0.0); var t2 = s2; var s3 = vec4<f32>(0.0); var t3 = s3;
  var s4 = vec4<f32>(0.0); var t4 = s4; var s5 = vec4<f32>(0.0); var t5 = s5;
  var s6 = vec4<f32>(0.0); var t6 = s6; var s7 = vec4<f32>(0.0); var t7 = s7;
  for (var k = 0u; k < depth; k += 4u) {
    let v0 = x_at(p0, position); let v1 = x_at(p1, position);
    let v2 = x_at(p2, position); let v3 = x_at(p3, position);
    let u0 = w_at(w_group, k + w_block, tx);
    let u1 = w_at(w_group + 4u, k + w_block, tx);
    position = advance(position, 4u);
    workgroupBarrier();
    x_tile[x_to] = v0; x_tile[x_to + 32u] = v1; x_tile[x_to + 64u] = v2; x_tile[x_to + 96u] = v3;
    w_tile[w_to] = u0; w_tile[w_to + 8u] = u1;
    workgroupBarrier();
    let end = min(4u, depth - k);
    for (var q = 0u; q < end; q++) {
      let start = q * x_line + ty * 4u;
      let x0 = x_tile[start]; let x1 = x_tile[start + 1u];
      let x2 = x_tile[start + 2u]; let x3 = x_tile[start + 3u];
      let x4 = x_tile[start + 64u]; let x5 = x_tile[start + 65u];
      let x6 = x_tile[start + 66u]; let x7 = x_tile[start + 67u];
      let line = q * 4u * w_line + tx;
      var u = w_tile[line]; var v = w_tile[line + 8u];
      s0 += x0.x * u; t0 += x0.x * v; s1 += x1.x * u; t1 += x1.x * v;
      s2 += x2.x * u; t2 += x2.x * v; s3 += x3.x * u; t3 += x3.x * v;
      s4 += x4.x * u; t4 += x4.x * v; s5 += x5.x * u; t5 += x5.x * v;
      s6 += x6.x * u; t6 += x6.x * v; s7 += x7.x * u; t7 += x7.x * v;
      u = w_tile[line + w_line]; v = w_tile[line + w_line + 8u];
      s0 += x0.y * u; t0 += x0.y * v; s1 += x1.y * u; t1 += x1.y * v;
      s2 += x2.y * u; t2 += x2.y * v; s3 += x3.y * u; t3 += x3.y * v;
      s4 += x4.y * u; t4 += x4.y * v; s5 += x5.y * u; t5 += x5.y * v;
      s6 += x6.y * u; t6 += x6.y * v; s7 += x7.y * u; t7 += x7.y * v;
      u = w_tile[line + 2u * w_line]; v = w_tile[line + 2u * w_line + 8u];
      s0 += x0.z * u; t0 += x0.z * v; s1 += x1.z * u; t1 += x1.z * v;
      s2 += x2.z * u; t2 += x2.z * v; s3 += x3.z * u; t3 += x3.z * v;
      s4 += x4.z * u; t4 += x4.z * v; s5 += x5.z * u; t5 += x5.z * v;
      s6 += x6.z * u; t6 += x6.z * v; s7 += x7.z * u; t7 += x7.z * v;
      u = w_tile[line + 3u * w_line]; v = w_tile[line + 3u * w_line + 8u];
      s0 += x0.w * u; t0 += x0.w * v; s1 += x1.w * u; t1 += x1.w * v;
      s2 += x2.w * u; t2 += x2.w * v; s3 += x3.w * u; t3 += x3.w * v;
      s4 += x4.w * u; t4 += x4.w * v; s5 += x5.w * u; t5 += x5.w * v;
      s6 += x6.w * u; t6 += x6.w * v; s7 += x7.w * u; t7 += x7.w * v;
    }
  }
  let first = group.x * 128u + ty * 4u;
  let block = group.y * 16u + tx;
  store(first, block, s0); store(first, block + 8u, t0);
  store(first + 1u, block, s1); store(first + 1u, block + 8u, t1);
  store(first + 2u, block, s2); store(first + 2u, block + 8u, t2);
  store(first + 3u, block, s3); store(first + 3u, block + 8u, t3);
  store(first + 64u, block, s4); store(first + 64u, block + 8u, t4);
  store(first + 65u, block, s5); store(first + 65u, block + 8u, t5);
  store(first + 66u, block, s6); store(first + 66u, block + 8u, t6);
  store(first + 67u, block, s7); store(first + 67u, block + 8u, t7);
}
