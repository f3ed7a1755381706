// y = clamp(x ⊛ᵀ w + bias) for any number of groups, channels last, up to three axes; the plain kernel. One thread =
// one output element. w as ONNX stores it: [in][out/groups][kernel_z][kernel_y][kernel_x].
// use: lines
override group_size: u32 = 64u;
override has_bias: u32 = 0u;
struct Params {
  images: u32, depth: i32, height: i32, width: i32, stride_channels: u32, out_depth: u32, out_height: u32,
  out_width: u32, out_channels: u32, out_stride_channels: u32, group_in: u32, group_out: u32,
  kernel_z: i32, kernel_y: i32, kernel_x: i32, stride_z: i32, stride_y: i32, stride_x: i32,
  dilation_z: i32, dilation_y: i32, dilation_x: i32, pad_front: i32, pad_top: i32, pad_left: i32,
  low: f32, high: f32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> x: array<f32>;
@group(0) @binding(2) var<storage, read> w: array<f32>;
@group(0) @binding(3) var<storage, read> bias: array<f32>;
@group(0) @binding(4) var<storage, read_write> y: array<f32>;

// The input under a tap, or −1 unless `ahead` is a multiple of the stride within the input.
fn source_of(ahead: i32, stride: i32, size: i32) -> i32 {
  let at = ahead / stride;
  return select(-1, at, ahead >= 0 && at * stride == ahead && at < size);
}

@compute @workgroup_size(group_size)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let line = line_of(id, groups, group_size);
  let o = line % params.out_stride_channels;
  let pixel = line / params.out_stride_channels;
  let row = pixel / params.out_width;
  let slice = row / params.out_height;
  let image = slice / params.out_depth;
  if (image >= params.images) { return; }
  if (o >= params.out_channels) { y[line] = 0.0; return; }
  let z0 = i32(slice % params.out_depth) + params.pad_front;
  let y0 = i32(row % params.out_height) + params.pad_top;
  let x0 = i32(pixel % params.out_width) + params.pad_left;
  let first = o / params.group_out * params.group_in;
  let taps = u32(params.kernel_z * params.kernel_y * params.kernel_x);
  var sum = 0.0;
  if (has_bias == 1u) { sum = bias[o]; }
  for (var t = 0; t < params.kernel_z; t++) {
    let iz = source_of(z0 - t * params.dilation_z, params.stride_z, params.depth);
    if (iz < 0) { continue; }
    for (var r = 0; r < params.kernel_y; r++) {
      let iy = source_of(y0 - r * params.dilation_y, params.stride_y, params.height);
      if (iy < 0) { continue; }
      for (var s = 0; s < params.kernel_x; s++) {
        let ix = source_of(x0 - s * params.dilation_x, params.stride_x, params.width);
        if (ix < 0) { continue; }
        let above = (i32(image) * params.depth + iz) * params.height + iy;
        let source = u32(above * params.width + ix) * params.stride_channels + first;
        let tap = u32((t * params.kernel_y + r) * params.kernel_x + s);
        for (var c = 0u; c < params.group_in; c++) {
          sum += x[source + c] * w[((first + c) * params.group_out + o % params.group_out) * taps + tap];
        }
      }
    }
  }
  y[line] = clamp(sum, params.low, params.high);
}
