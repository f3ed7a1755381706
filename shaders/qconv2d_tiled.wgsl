// Codes of x ⊛ w, packed four to a word: requantize(bias + Σ x·w). One thread = 4 pixels × 8 output channels.
// w: [out/8][kernel_y][kernel_x][in/4][8 out] words of four input channels; bias includes −zero(x)·Σw.
// nibbles: […][4 out], where outputs 0 to 3 of eight are the low halves of bytes and 4 to 7 the high halves.
// use: bytes requantize codes_of windows weights dot_products four_pixels
override group_size: u32 = 64u;
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

@compute @workgroup_size(group_size)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let pixel = id.x * 4u;
  if (pixel >= params.pixels) { return; }
  let last = params.pixels - 1u;
  let p0 = corner(pixel);
  let p1 = corner(min(pixel + 1u, last));
  let p2 = corner(min(pixel + 2u, last));
  let p3 = corner(min(pixel + 3u, last));
  let block = id.y * 2u;
  var a0 = vec4<i32>(0); var a1 = a0; var a2 = a0; var a3 = a0;
  var b0 = vec4<i32>(0); var b1 = b0; var b2 = b0; var b3 = b0;
  var k = id.y * params.kernel_y * params.kernel_x * params.blocks;
  for (var r = 0u; r < params.kernel_y; r++) {
    let dy = i32(r) * params.dilation_y;
    for (var s = 0u; s < params.kernel_x; s++) {
      let dx = i32(s) * params.dilation_x;
      let t0 = tap(p0, dy, dx); let i0 = u32(max(t0, 0));
      let t1 = tap(p1, dy, dx); let i1 = u32(max(t1, 0));
      let t2 = tap(p2, dy, dx); let i2 = u32(max(t2, 0));
      let t3 = tap(p3, dy, dx); let i3 = u32(max(t3, 0));
      for (var c = 0u; c < params.blocks; c++) {
        let x0 = select(params.pad_word, x[i0 + c], t0 >= 0);
        let x1 = select(params.pad_word, x[i1 + c], t1 >= 0);
        let x2 = select(params.pad_word, x[i2 + c], t2 >= 0);
        let x3 = select(params.pad_word, x[i3 + c], t3 >= 0);
        let u = w_half(k, 0u);
        let v = w_half(k, 1u);
        a0 += products(x0, u); b0 += products(x0, v);
        a1 += products(x1, u); b1 += products(x1, v);
        a2 += products(x2, u); b2 += products(x2, v);
        a3 += products(x3, u); b3 += products(x3, v);
        k += 1u;
      }
    }
  }
  store(pixel, block, a0, a1, a2, a3);
  store(pixel, block + 1u, b0, b1, b2, b3);
}
