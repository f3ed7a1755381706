// y = index of each window's maximum in [images][channels][depth][height][width] with the given strides; the first of
// equals. Channels last. One thread = one element.
// needs: Element
// use: lines
override group_size: u32 = 64u;
struct Params {
  images: u32, channels: u32, lanes: u32, depth: u32, height: u32, width: u32,
  out_depth: u32, out_height: u32, out_width: u32, kernel_z: u32, kernel_y: u32, kernel_x: u32,
  stride_z: i32, stride_y: i32, stride_x: i32, dilation_z: i32, dilation_y: i32, dilation_x: i32,
  pad_front: i32, pad_top: i32, pad_left: i32, index_z: u32, index_y: u32, index_x: u32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> x: array<Element>;
@group(0) @binding(2) var<storage, read_write> y: array<i32>;

@compute @workgroup_size(group_size)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let line = line_of(id, groups, group_size);
  let c = line % params.lanes;
  let pixel = line / params.lanes;
  let row = pixel / params.out_width;
  let slice = row / params.out_height;
  let image = slice / params.out_depth;
  if (image >= params.images) { return; }
  if (c >= params.channels) { y[line] = 0; return; }
  let iz0 = i32(slice % params.out_depth) * params.stride_z - params.pad_front;
  let iy0 = i32(row % params.out_height) * params.stride_y - params.pad_top;
  let ix0 = i32(pixel % params.out_width) * params.stride_x - params.pad_left;
  let first = (image * params.channels + c) * params.depth * params.height * params.width;
  var most = Element();
  var found = false;
  var at = 0u;
  for (var t = 0u; t < params.kernel_z; t++) {
    let iz = iz0 + i32(t) * params.dilation_z;
    if (iz < 0 || iz >= i32(params.depth)) { continue; }
    for (var r = 0u; r < params.kernel_y; r++) {
      let iy = iy0 + i32(r) * params.dilation_y;
      if (iy < 0 || iy >= i32(params.height)) { continue; }
      for (var s = 0u; s < params.kernel_x; s++) {
        let ix = ix0 + i32(s) * params.dilation_x;
        if (ix < 0 || ix >= i32(params.width)) { continue; }
        let source = ((image * params.depth + u32(iz)) * params.height + u32(iy)) * params.width + u32(ix);
        let v = x[source * params.lanes + c];
        if (!found || v > most) {
          most = v;
          found = true;
          at = first + u32(iz) * params.index_z + u32(iy) * params.index_y + u32(ix) * params.index_x;
        }
      }
    }
  }
  y[line] = i32(at);
}
