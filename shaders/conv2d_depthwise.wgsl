// y = clamp(x ⊛ w + bias), one filter per channel, channels last in blocks of four.
// One thread = 4 output columns × 4 channels. w: [kernel_y][kernel_x][channels padded to 4].
// use: lines
override group_size: u32 = 64u;
override has_bias: u32 = 0u;
struct Params {
  images: u32, height: u32, width: u32, blocks: u32, channels: u32, out_height: u32, out_width: u32,
  kernel_y: u32, kernel_x: u32, stride_y: i32, stride_x: i32, dilation_y: i32, dilation_x: i32,
  pad_top: i32, pad_left: i32, low: f32, high: f32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> x: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> w: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> bias: array<f32>;
@group(0) @binding(4) var<storage, read_write> y: array<vec4<f32>>;

fn at(row: u32, ix: i32, block: u32) -> vec4<f32> {
  let inside = ix >= 0 && ix < i32(params.width);
  let column = u32(clamp(ix, 0, i32(params.width) - 1));
  return x[(row * params.width + column) * params.blocks + block] * f32(inside);
}

fn bias_at(block: u32) -> vec4<f32> {
  if (has_bias == 0u) { return vec4<f32>(0.0); }
  let last = params.channels - 1u;
  let c = block * 4u;
  let inside = vec4<bool>(c <= last, c + 1u <= last, c + 2u <= last, c + 3u <= last);
  let b = vec4<f32>(bias[min(c, last)], bias[min(c + 1u, last)], bias[min(c + 2u, last)], bias[min(c + 3u, last)]);
  return select(vec4<f32>(0.0), b, inside);
}

fn store(row: u32, column: u32, block: u32, value: vec4<f32>) {
  if (column >= params.out_width) { return; }
  y[(row * params.out_width + column) * params.blocks + block] =
    clamp(value, vec4<f32>(params.low), vec4<f32>(params.high));
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
  let b = bias_at(block);
  var a0 = b; var a1 = b; var a2 = b; var a3 = b;
  for (var r = 0u; r < params.kernel_y; r++) {
    let iy = iy0 + i32(r) * params.dilation_y;
    if (iy < 0 || iy >= i32(params.height)) { continue; }
    let source = image * params.height + u32(iy);
    for (var s = 0u; s < params.kernel_x; s++) {
      let ix = ix0 + i32(s) * params.dilation_x;
      let tap = w[(r * params.kernel_x + s) * params.blocks + block];
      a0 += at(source, ix, block) * tap;
      a1 += at(source, ix + params.stride_x, block) * tap;
      a2 += at(source, ix + 2 * params.stride_x, block) * tap;
      a3 += at(source, ix + 3 * params.stride_x, block) * tap;
    }
  }
  store(row, column, block, a0);
  store(row, column + 1u, block, a1);
  store(row, column + 2u, block, a2);
  store(row, column + 3u, block, a3);
}
