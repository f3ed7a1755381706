// y = max, mean or norm of each window, channels last in blocks of four. One thread = one pixel × 4 channels.
// The mean is over the pixels inside, or counts the padding too (windows end at the padded edge); the norm is
// (Σ|x|^power)^(1/power).
// needs: Element kind_*
// use: lines
override group_size: u32 = 64u;
override kind: u32 = 0u;
override power: f32 = 2.0;
override lowest: f32 = -3.4028234663852886e38;
struct Params {
  images: u32, height: u32, width: u32, blocks: u32, out_height: u32, out_width: u32,
  kernel_y: u32, kernel_x: u32, stride_y: i32, stride_x: i32, dilation_y: i32, dilation_x: i32,
  pad_top: i32, pad_left: i32, pad_bottom: i32, pad_right: i32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> x: array<vec4<Element>>;
@group(0) @binding(2) var<storage, read_write> y: array<vec4<Element>>;

fn raise(v: vec4<Element>) -> vec4<Element> {
  let size = vec4<f32>(abs(v));
  if (power == 1.0) { return vec4<Element>(size); }
  if (power == 2.0) { return v * v; }
  return vec4<Element>(select(pow(size, vec4<f32>(power)), vec4<f32>(0.0), size == vec4<f32>(0.0)));
}

fn root(sum: vec4<Element>) -> vec4<Element> {
  let v = vec4<f32>(sum);
  if (power == 1.0) { return sum; }
  if (power == 2.0) { return vec4<Element>(sqrt(v)); }
  return vec4<Element>(select(pow(v, vec4<f32>(1.0 / power)), vec4<f32>(0.0), v == vec4<f32>(0.0)));
}

@compute @workgroup_size(group_size)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let line = line_of(id, groups, group_size);
  let block = line % params.blocks;
  let pixel = line / params.blocks;
  let row = pixel / params.out_width;
  let image = row / params.out_height;
  if (image >= params.images) { return; }
  let iy0 = i32(row % params.out_height) * params.stride_y - params.pad_top;
  let ix0 = i32(pixel % params.out_width) * params.stride_x - params.pad_left;
  var most = vec4<Element>(Element(lowest));
  var sum = vec4<Element>();
  var counted = 0.0;
  for (var r = 0u; r < params.kernel_y; r++) {
    let iy = iy0 + i32(r) * params.dilation_y;
    for (var s = 0u; s < params.kernel_x; s++) {
      let ix = ix0 + i32(s) * params.dilation_x;
      let inside = iy >= 0 && iy < i32(params.height) && ix >= 0 && ix < i32(params.width);
      let padded = iy < i32(params.height) + params.pad_bottom && ix < i32(params.width) + params.pad_right;
      if (inside) {
        let v = x[((image * params.height + u32(iy)) * params.width + u32(ix)) * params.blocks + block];
        most = max(most, v);
        if (kind == kind_norm) { sum += raise(v); } else { sum += v; }
      }
      if (inside || (kind == kind_average_with_padding && padded)) { counted += 1.0; }
    }
  }
  switch (kind) {
    case kind_max: { y[line] = most; }
    case kind_norm: { y[line] = root(sum); }
    default: { y[line] = sum / Element(max(counted, 1.0)); }
  }
}
