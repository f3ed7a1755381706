// dx = Σ of dy over the windows whose maximum this element is, the first of equals. Channels last; y is the pool's
// result. One thread = one element of x, over all windows that contain it.
// use: lines
override group_size: u32 = 64u;
struct Params {
  images: u32, lanes: u32, depth: u32, height: u32, width: u32,
  out_depth: u32, out_height: u32, out_width: u32, kernel_z: u32, kernel_y: u32, kernel_x: u32,
  stride_z: i32, stride_y: i32, stride_x: i32, dilation_z: i32, dilation_y: i32, dilation_x: i32,
  pad_front: i32, pad_top: i32, pad_left: i32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;
@group(0) @binding(3) var<storage, read_write> dy: array<f32>;
@group(0) @binding(4) var<storage, read_write> dx: array<f32>;

// The window that has an element under this tap, or −1.
fn window_of(place: i32, tap: u32, dilation: i32, stride: i32, count: u32) -> i32 {
  let start = place - i32(tap) * dilation;
  if (start < 0 || start % stride != 0 || start / stride >= i32(count)) { return -1; }
  return start / stride;
}

// Whether no tap of the window before this one has the value v.
fn is_first(image: u32, c: u32, start: vec3<i32>, taps: u32, v: f32) -> bool {
  for (var tap = 0u; tap < taps; tap++) {
    let iz = start.x + i32(tap / (params.kernel_y * params.kernel_x)) * params.dilation_z;
    let iy = start.y + i32(tap / params.kernel_x % params.kernel_y) * params.dilation_y;
    let ix = start.z + i32(tap % params.kernel_x) * params.dilation_x;
    if (iz < 0 || iz >= i32(params.depth) || iy < 0 || iy >= i32(params.height)) { continue; }
    if (ix < 0 || ix >= i32(params.width)) { continue; }
    let at = ((image * params.depth + u32(iz)) * params.height + u32(iy)) * params.width + u32(ix);
    if (x[at * params.lanes + c] == v) { return false; }
  }
  return true;
}

@compute @workgroup_size(group_size)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let line = line_of(id, groups, group_size);
  let c = line % params.lanes;
  let pixel = line / params.lanes;
  let row = pixel / params.width;
  let slice = row / params.height;
  let image = slice / params.depth;
  if (image >= params.images) { return; }
  let v = x[line];
  let pz = i32(slice % params.depth) + params.pad_front;
  let py = i32(row % params.height) + params.pad_top;
  let px = i32(pixel % params.width) + params.pad_left;
  var sum = 0.0;
  for (var t = 0u; t < params.kernel_z; t++) {
    let oz = window_of(pz, t, params.dilation_z, params.stride_z, params.out_depth);
    if (oz < 0) { continue; }
    for (var r = 0u; r < params.kernel_y; r++) {
      let oy = window_of(py, r, params.dilation_y, params.stride_y, params.out_height);
      if (oy < 0) { continue; }
      for (var s = 0u; s < params.kernel_x; s++) {
        let ox = window_of(px, s, params.dilation_x, params.stride_x, params.out_width);
        if (ox < 0) { continue; }
        let out_row = (image * params.out_depth + u32(oz)) * params.out_height + u32(oy);
        let at = (out_row * params.out_width + u32(ox)) * params.lanes + c;
        if (y[at] != v) { continue; }
        let start = vec3<i32>(oz * params.stride_z - params.pad_front, oy * params.stride_y - params.pad_top,
          ox * params.stride_x - params.pad_left);
        if (is_first(image, c, start, (t * params.kernel_y + r) * params.kernel_x + s, v)) { sum += dy[at]; }
      }
    }
  }
  dx[line] = sum;
}
