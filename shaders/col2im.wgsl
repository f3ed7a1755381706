// y[plane][p] = Σ x[plane][k][l] over the kernel positions k and blocks l that cover pixel p, in three dimensions.
// One thread = one pixel. x: [planes][kernel positions][blocks].
// use: lines
override group_size: u32 = 64u;
struct Params {
  count: u32, depth: i32, height: i32, width: i32, kernel_z: i32, kernel_y: i32, kernel_x: i32,
  blocks_z: i32, blocks_y: i32, blocks_x: i32, stride_z: i32, stride_y: i32, stride_x: i32,
  dilation_z: i32, dilation_y: i32, dilation_x: i32, pad_z: i32, pad_y: i32, pad_x: i32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

// The block whose kernel position covers a pixel, or −1.
fn block_of(pixel: i32, offset: i32, stride: i32, blocks: i32) -> i32 {
  let start = pixel - offset;
  return select(-1, start / stride, start >= 0 && start % stride == 0 && start / stride < blocks);
}

@compute @workgroup_size(group_size)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let line = line_of(id, groups, group_size);
  if (line >= params.count) { return; }
  let i = i32(line);
  let column = i % params.width;
  let row = i / params.width % params.height;
  let slice = i / (params.width * params.height) % params.depth;
  let plane = i / (params.width * params.height * params.depth);
  var sum = 0.0;
  for (var d = 0; d < params.kernel_z; d++) {
    let z = block_of(slice, d * params.dilation_z - params.pad_z, params.stride_z, params.blocks_z);
    for (var r = 0; r < params.kernel_y; r++) {
      let h = block_of(row, r * params.dilation_y - params.pad_y, params.stride_y, params.blocks_y);
      for (var s = 0; s < params.kernel_x; s++) {
        let w = block_of(column, s * params.dilation_x - params.pad_x, params.stride_x, params.blocks_x);
        if (min(z, min(h, w)) < 0) { continue; }
        let place = ((plane * params.kernel_z + d) * params.kernel_y + r) * params.kernel_x + s;
        sum += x[((place * params.blocks_z + z) * params.blocks_y + h) * params.blocks_x + w];
      }
    }
  }
  y[line] = sum;
}
