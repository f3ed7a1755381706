// y = clamp(x ⊛ᵀ w + bias), gathered: an output sums the taps that reach it. Channels last in blocks of four, up to
// three axes. One thread = 4 outputs of one row, a stride apart so that the same taps reach them, × 4 channels.
// w: [kernel_z][kernel_y][kernel_x][4 · blocks in][out, padded to 4].
// use: lines
override group_size: u32 = 64u;
override has_bias: u32 = 0u;
struct Params {
  images: u32, depth: i32, height: i32, width: i32, blocks: u32, out_depth: u32, out_height: u32, out_width: u32,
  out_channels: u32, out_blocks: u32, kernel_z: i32, kernel_y: i32, kernel_x: i32,
  stride_z: i32, stride_y: i32, stride_x: i32, dilation_z: i32, dilation_y: i32, dilation_x: i32,
  pad_front: i32, pad_top: i32, pad_left: i32, low: f32, high: f32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> x: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> w: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> bias: array<f32>;
@group(0) @binding(4) var<storage, read_write> y: array<vec4<f32>>;

// The input under a tap, or −1 unless `ahead` is a multiple of the stride within the input.
fn source_of(ahead: i32, stride: i32, size: i32) -> i32 {
  let at = ahead / stride;
  return select(-1, at, ahead >= 0 && at * stride == ahead && at < size);
}

fn bias_at(block: u32) -> vec4<f32> {
  if (has_bias == 0u) { return vec4<f32>(0.0); }
  let last = params.out_channels - 1u;
  let c = block * 4u;
  let inside = vec4<bool>(c <= last, c + 1u <= last, c + 2u <= last, c + 3u <= last);
  let b = vec4<f32>(bias[min(c, last)], bias[min(c + 1u, last)], bias[min(c + 2u, last)], bias[min(c + 3u, last)]);
  return select(vec4<f32>(0.0), b, inside);
}

fn store(row: u32, column: u32, block: u32, value: vec4<f32>) {
  if (column >= params.out_width) { return; }
  y[(row * params.out_width + column) * params.out_blocks + block] =
    clamp(value, vec4<f32>(params.low), vec4<f32>(params.high));
}

@compute @workgroup_size(group_size)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let line = line_of(id, groups, group_size);
  let step = u32(params.stride_x);
  let starts = (params.out_width + 4u * step - 1u) / (4u * step) * step;
  let block = line % params.out_blocks;
  let start = line / params.out_blocks % starts;
  let row = line / params.out_blocks / starts;
  let slice = row / params.out_height;
  let image = slice / params.out_depth;
  let column = start / step * 4u * step + start % step;
  if (image >= params.images || column >= params.out_width) { return; }
  let z0 = i32(slice % params.out_depth) + params.pad_front;
  let y0 = i32(row % params.out_height) + params.pad_top;
  let x0 = i32(column) + params.pad_left;
  let b = bias_at(block);
  var a0 = b; var a1 = b; var a2 = b; var a3 = b;
  for (var t = 0; t < params.kernel_z; t++) {
    let iz = source_of(z0 - t * params.dilation_z, params.stride_z, params.depth);
    if (iz < 0) { continue; }
    for (var r = 0; r < params.kernel_y; r++) {
      let iy = source_of(y0 - r * params.dilation_y, params.stride_y, params.height);
      if (iy < 0) { continue; }
      let source = ((i32(image) * params.depth + iz) * params.height + iy) * params.width;
      for (var s = 0; s < params.kernel_x; s++) {
        let ahead = x0 - s * params.dilation_x;
        let ix = vec4<i32>(ahead / params.stride_x) + vec4<i32>(0, 1, 2, 3);
        let inside = (ix >= vec4<i32>(0)) & (ix < vec4<i32>(params.width));
        if (ahead % params.stride_x != 0 || !any(inside)) { continue; }
        let m = vec4<f32>(inside);
        let at = vec4<u32>(source + clamp(ix, vec4<i32>(0), vec4<i32>(params.width - 1))) * params.blocks;
        var k = u32((t * params.kernel_y + r) * params.kernel_x + s) * params.blocks * 4u * params.out_blocks + block;
        for (var c = 0u; c < params.blocks; c++) {
          let v0 = x[at.x + c] * m.x;
          let v1 = x[at.y + c] * m.y;
          let v2 = x[at.z + c] * m.z;
          let v3 = x[at.w + c] * m.w;
          var u = w[k]; k += params.out_blocks;
          a0 += v0.x * u; a1 += v1.x * u; a2 += v2.x * u; a3 += v3.x * u;
          u = w[k]; k += params.out_blocks;
          a0 += v0.y * u; a1 += v1.y * u; a2 += v2.y * u; a3 += v3.y * u;
          u = w[k]; k += params.out_blocks;
          a0 += v0.z * u; a1 += v1.z * u; a2 += v2.z * u; a3 += v3.z * u;
          u = w[k]; k += params.out_blocks;
          a0 += v0.w * u; a1 += v1.w * u; a2 += v2.w * u; a3 += v3.w * u;
        }
      }
    }
  }
  store(row, column, block, a0);
  store(row, column + step, block, a1);
  store(row, column + 2u * step, block, a2);
  store(row, column + 3u * step, block, a3);
}
