// y = clamp(x ⊛ w + bias) for any number of groups, channels last; the plain kernel. One thread = one output element.
// w as ONNX stores it: [out][in/groups][kernel_y][kernel_x].
// use: lines
override group_size: u32 = 64u;
override has_bias: u32 = 0u;
struct Params {
  images: u32, height: u32, width: u32, stride_channels: u32, out_height: u32, out_width: u32,
  out_channels: u32, out_stride_channels: u32, group_in: u32, group_out: u32, kernel_y: u32, kernel_x: u32,
  stride_y: i32, stride_x: i32, dilation_y: i32, dilation_x: i32, pad_top: i32, pad_left: i32,
  low: f32, high: f32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> x: array<f32>;
@group(0) @binding(2) var<storage, read> w: array<f32>;
@group(0) @binding(3) var<storage, read> bias: array<f32>;
@group(0) @binding(4) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(group_size)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let line = line_of(id, groups, group_size);
  let o = line % params.out_stride_channels;
  let pixel = line / params.out_stride_channels;
  let row = pixel / params.out_width;
  let image = row / params.out_height;
  if (image >= params.images) { return; }
  if (o >= params.out_channels) { y[line] = 0.0; return; }
  let iy0 = i32(row % params.out_height) * params.stride_y - params.pad_top;
  let ix0 = i32(pixel % params.out_width) * params.stride_x - params.pad_left;
  let first = o / params.group_out * params.group_in;
  var sum = 0.0;
  if (has_bias == 1u) { sum = bias[o]; }
  for (var r = 0u; r < params.kernel_y; r++) {
    let iy = iy0 + i32(r) * params.dilation_y;
    if (iy < 0 || iy >= i32(params.height)) { continue; }
    for (var s = 0u; s < params.kernel_x; s++) {
      let ix = ix0 + i32(s) * params.dilation_x;
      if (ix < 0 || ix >= i32(params.width)) { continue; }
      let source = ((image * params.height + u32(iy)) * params.width + u32(ix)) * params.stride_channels + first;
      for (var c = 0u; c < params.group_in; c++) {
        sum += x[source + c] * w[((o * params.group_in + c) * params.kernel_y + r) * params.kernel_x + s];
      }
    }
  }
  y[line] = clamp(sum, params.low, params.high);
}
