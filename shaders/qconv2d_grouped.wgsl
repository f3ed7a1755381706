// Codes of x ⊛ w for any number of groups, packed four to a word; the plain kernel. One thread = one word of y.
// w: [out][kernel_y][kernel_x][group_in] bytes four to a word; bias includes −zero(x)·Σw.
// nibbles: even words are the low halves of bytes, odd words the high halves.
// use: lines bytes requantize codes_of weight_words
override group_size: u32 = 64u;
override nibbles: u32 = 0u;
struct Params {
  pixels: u32, height: u32, width: u32, blocks: u32, out_height: u32, out_width: u32, out_blocks: u32,
  group_in: u32, group_out: u32, out_channels: u32,
  kernel_y: u32, kernel_x: u32, stride_y: i32, stride_x: i32, dilation_y: i32, dilation_x: i32,
  pad_top: i32, pad_left: i32, pad_word: u32, zero: i32, low: f32, high: f32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> x: array<u32>;
@group(0) @binding(2) var<storage, read> w: array<u32>;
@group(0) @binding(3) var<storage, read> bias: array<vec4<i32>>;
@group(0) @binding(4) var<storage, read> multiplier: array<vec4<f32>>;
@group(0) @binding(5) var<storage, read_write> y: array<u32>;

fn byte_of(word: u32, lane: u32) -> i32 {
  return bitcast<i32>(word << (24u - lane * 8u)) >> 24u;
}

fn sum_of(pixel: u32, out: u32) -> i32 {
  let row = pixel / params.out_width;
  let top = i32(row % params.out_height) * params.stride_y - params.pad_top;
  let left = i32(pixel % params.out_width) * params.stride_x - params.pad_left;
  let image = row / params.out_height * params.height;
  let first = out / params.group_out * params.group_in;
  var k = out * params.kernel_y * params.kernel_x * params.group_in;
  var sum = 0;
  for (var r = 0u; r < params.kernel_y; r++) {
    let iy = top + i32(r) * params.dilation_y;
    for (var s = 0u; s < params.kernel_x; s++) {
      let ix = left + i32(s) * params.dilation_x;
      let inside = iy >= 0 && iy < i32(params.height) && ix >= 0 && ix < i32(params.width);
      let source = ((image + u32(max(iy, 0))) * params.width + u32(max(ix, 0))) * params.blocks;
      for (var c = 0u; c < params.group_in; c++) {
        let channel = first + c;
        var v = byte_of(params.pad_word, 0u);
        if (inside) { v = byte_of(x[source + channel / 4u], channel % 4u); }
        sum += v * byte_of(w_word(k / 4u), k % 4u);
        k += 1u;
      }
    }
  }
  return sum;
}

@compute @workgroup_size(group_size)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let line = line_of(id, groups, group_size);
  if (line >= params.pixels * params.out_blocks) { return; }
  let pixel = line / params.out_blocks;
  let block = line % params.out_blocks;
  let last = params.out_channels - 1u;
  let c = block * 4u;
  let sum = vec4<i32>(
    sum_of(pixel, min(c, last)), sum_of(pixel, min(c + 1u, last)),
    sum_of(pixel, min(c + 2u, last)), sum_of(pixel, min(c + 3u, last)));
  y[line] = codes_of(sum, bias[block], multiplier[block]);
}
