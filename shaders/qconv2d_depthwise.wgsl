// Codes of x ⊛ w with one filter per channel, packed four to a word: requantize(bias + Σ x·w).
// One thread = 4 output columns × 4 channels. w: [kernel_y][kernel_x][channels/4] words; bias includes −zero(x)·Σw.
// nibbles: even words are the low halves of bytes, odd words the high halves.
// use: lines bytes requantize codes_of weight_words
override group_size: u32 = 64u;
override nibbles: u32 = 0u;
// 1 if windows are three adjacent columns, the common case, in which every code is read once.
override side_by_side: u32 = 0u;
struct Params {
  images: u32, height: u32, width: u32, blocks: u32, out_height: u32, out_width: u32,
  kernel_y: u32, kernel_x: u32, stride_y: i32, stride_x: i32, dilation_y: i32, dilation_x: i32,
  pad_top: i32, pad_left: i32, pad_word: u32, zero: i32, low: f32, high: f32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> x: array<u32>;
@group(0) @binding(2) var<storage, read> w: array<u32>;
@group(0) @binding(3) var<storage, read> bias: array<vec4<i32>>;
@group(0) @binding(4) var<storage, read> multiplier: array<vec4<f32>>;
@group(0) @binding(5) var<storage, read_write> y: array<u32>;

fn at(row: u32, ix: i32, block: u32, row_inside: bool) -> vec4<f32> {
  let inside = row_inside && ix >= 0 && ix < i32(params.width);
  let column = u32(clamp(ix, 0, i32(params.width) - 1));
  return values_of(select(params.pad_word, x[(row * params.width + column) * params.blocks + block], inside));
}

fn tap(index: u32, block: u32) -> vec4<f32> {
  return values_of(w_word(index * params.blocks + block));
}

@compute @workgroup_size(group_size)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let line = line_of(id, groups, group_size);
  let block = line % params.blocks;
  let quads = (params.out_width + 3u) / 4u;
  let column = (line / params.blocks % quads) * 4u;
  let row = line / params.blocks / quads;
  if (row >= params.images * params.out_height) { return; }
  let image = row / params.out_height;
  let iy0 = i32(row % params.out_height) * params.stride_y - params.pad_top;
  let ix0 = i32(column) * params.stride_x - params.pad_left;
  var a0 = vec4<i32>(0); var a1 = a0; var a2 = a0; var a3 = a0;
  // Sums over a row of the window are exact in floats, whose products are cheaper on most devices.
  var r = 0u;
  loop {
    let iy = iy0 + i32(r) * params.dilation_y;
    let inside = iy >= 0 && iy < i32(params.height);
    let source = image * params.height + u32(clamp(iy, 0, i32(params.height) - 1));
    var f0 = vec4<f32>(0.0); var f1 = f0; var f2 = f0; var f3 = f0;
    if (side_by_side == 1u) {
      let t0 = tap(r * 3u, block);
      let t1 = tap(r * 3u + 1u, block);
      let t2 = tap(r * 3u + 2u, block);
      let x0 = at(source, ix0, block, inside);
      let x1 = at(source, ix0 + 1, block, inside);
      let x2 = at(source, ix0 + 2, block, inside);
      let x3 = at(source, ix0 + 3, block, inside);
      let x4 = at(source, ix0 + 4, block, inside);
      let x5 = at(source, ix0 + 5, block, inside);
      f0 = x0 * t0 + x1 * t1 + x2 * t2;
      f1 = x1 * t0 + x2 * t1 + x3 * t2;
      f2 = x2 * t0 + x3 * t1 + x4 * t2;
      f3 = x3 * t0 + x4 * t1 + x5 * t2;
    } else {
      var s = 0u;
      loop {
        let ix = ix0 + i32(s) * params.dilation_x;
        let t = tap(r * params.kernel_x + s, block);
        f0 += at(source, ix, block, inside) * t;
        f1 += at(source, ix + params.stride_x, block, inside) * t;
        f2 += at(source, ix + 2 * params.stride_x, block, inside) * t;
        f3 += at(source, ix + 3 * params.stride_x, block, inside) * t;
        continuing {
          s += 1u;
          break if s >= params.kernel_x;
        }
      }
    }
    a0 += whole_of(f0); a1 += whole_of(f1); a2 += whole_of(f2); a3 += whole_of(f3);
    continuing {
      r += 1u;
      break if r >= params.kernel_y;
    }
  }
  let added = bias[block];
  let factor = multiplier[block];
  let first = (row * params.out_width + column) * params.blocks + block;
  y[first] = codes_of(a0, added, factor);
  if (column + 1u < params.out_width) { y[first + params.blocks] = codes_of(a1, added, factor); }
  if (column + 2u < params.out_width) { y[first + 2u * params.blocks] = codes_of(a2, added, factor); }
  if (column + 3u < params.out_width) { y[first + 3u * params.blocks] = codes_of(a3, added, factor); }
}
