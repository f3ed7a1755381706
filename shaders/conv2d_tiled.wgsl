// y = clamp(x ⊛ w + bias + residual), channels last in blocks of four. One thread = 4 pixels × 8 output channels.
// w is packed by pack_conv2d: [out/8][kernel_y][kernel_x][in/4][4 in][8 out].
// use: convolved windows
override group_size: u32 = 64u;
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

@compute @workgroup_size(group_size)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let pixel = id.x * 4u;
  if (pixel >= params.pixels) { return; }
  let last = params.pixels - 1u;
  let p0 = corner(pixel);
  let p1 = corner(min(pixel + 1u, last));
  let p2 = corner(min(pixel + 2u, last));
  let p3 = corner(min(pixel + 3u, last));
  var a0 = vec4<f32>(0.0); var b0 = vec4<f32>(0.0);
  var a1 = vec4<f32>(0.0); var b1 = vec4<f32>(0.0);
  var a2 = vec4<f32>(0.0); var b2 = vec4<f32>(0.0);
  var a3 = vec4<f32>(0.0); var b3 = vec4<f32>(0.0);
  var k = id.y * params.kernel_y * params.kernel_x * params.blocks * 8u;
  for (var r = 0u; r < params.kernel_y; r++) {
    let dy = i32(r) * params.dilation_y;
    for (var s = 0u; s < params.kernel_x; s++) {
      let dx = i32(s) * params.dilation_x;
      let t0 = tap(p0, dy, dx);
      let t1 = tap(p1, dy, dx);
      let t2 = tap(p2, dy, dx);
      let t3 = tap(p3, dy, dx);
      let m0 = f32(t0 >= 0); let i0 = u32(max(t0, 0));
      let m1 = f32(t1 >= 0); let i1 = u32(max(t1, 0));
      let m2 = f32(t2 >= 0); let i2 = u32(max(t2, 0));
      let m3 = f32(t3 >= 0); let i3 = u32(max(t3, 0));
      for (var c = 0u; c < params.blocks; c++) {
        let x0 = x[i0 + c] * m0;
        let x1 = x[i1 + c] * m1;
        let x2 = x[i2 + c] * m2;
        let x3 = x[i3 + c] * m3;
        var u = w[k]; var v = w[k + 1u];
        a0 += x0.x * u; b0 += x0.x * v; a1 += x1.x * u; b1 += x1.x * v;
        a2 += x2.x * u; b2 += x2.x * v; a3 += x3.x * u; b3 += x3.x * v;
        u = w[k + 2u]; v = w[k + 3u];
        a0 += x0.y * u; b0 += x0.y * v; a1 += x1.y * u; b1 += x1.y * v;
        a2 += x2.y * u; b2 += x2.y * v; a3 += x3.y * u; b3 += x3.y * v;
        u = w[k + 4u]; v = w[k + 5u];
        a0 += x0.z * u; b0 += x0.z * v; a1 += x1.z * u; b1 += x1.z * v;
        a2 += x2.z * u; b2 += x2.z * v; a3 += x3.z * u; b3 += x3.z * v;
        u = w[k + 6u]; v = w[k + 7u];
        a0 += x0.w * u; b0 += x0.w * v; a1 += x1.w * u; b1 += x1.w * v;
        a2 += x2.w * u; b2 += x2.w * v; a3 += x3.w * u; b3 += x3.w * v;
        k += 8u;
      }
    }
  }
  let block = id.y * 2u;
  store(pixel, block, a0); store(pixel, block + 1u, b0);
  store(pixel + 1u, block, a1); store(pixel + 1u, block + 1u, b1);
  store(pixel + 2u, block, a2); store(pixel + 2u, block + 1u, b2);
  store(pixel + 3u, block, a3); store(pixel + 3u, block + 1u, b3);
}
