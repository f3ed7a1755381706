// y[n][c][p] = x[n][c] at the point grid[n][p]: x, y and, if `axes` is 3, z in −1..1. One thread = one element.
// Linear and cubic interpolation along every axis. Outside there are zeros, the border, or its reflection.
// Borders are the centres of the outer pixels (align 1) or their edges.
// needs: kind_* padding_*
// use: lines
override group_size: u32 = 64u;
override kind: u32 = kind_linear;
override padding: u32 = padding_zeros;
override align: u32 = 0u;
override axes: u32 = 2u;
struct Params { count: u32, channels: u32, points: u32, depth: i32, height: i32, width: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> grid: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;

fn mirror(at: f32, size: i32) -> f32 {
  let low = select(-0.5, 0.0, align == 1u);
  let range = f32(size) - select(0.0, 1.0, align == 1u);
  if (range <= 0.0) { return low; }
  let away = max(low - at, at - low - range);
  if (!(away > 0.0)) { return at; }
  let turns = floor(away / range);
  let rest = away - turns * range;
  let near = select(low, low + range, at > low);
  let inward = select(rest, -rest, at > low);
  let odd = turns - 2.0 * floor(turns / 2.0) == 1.0;
  return select(near + inward, low + low + range - near - inward, odd);
}

// A grid value as a coordinate in pixels.
fn coordinate_of(value: f32, size: i32) -> f32 {
  var at = ((value + 1.0) * f32(size) - 1.0) / 2.0;
  if (align == 1u) { at = (value + 1.0) / 2.0 * f32(size - 1); }
  if (kind == kind_nearest) { at = round(at); }
  // Further outside, all taps read the same; the clamp also keeps the integers below from overflowing.
  if (padding != padding_reflection) { at = clamp(at, -4.0, f32(size) + 4.0); }
  if (padding == padding_reflection) { at = mirror(at, size); }
  return at;
}

// −1 for zeros outside.
fn pixel_of(at: i32, size: i32) -> i32 {
  if (padding == padding_zeros) { return select(-1, at, at >= 0 && at < size); }
  if (padding == padding_reflection) { return clamp(i32(mirror(f32(at), size)), 0, size - 1); }
  return clamp(at, 0, size - 1);
}

fn weight_of(tap: i32, part: f32, taps: i32) -> f32 {
  let distance = abs(f32(tap) - f32(taps / 2 - 1) - part);
  if (taps == 1) { return 1.0; }
  if (taps == 2) { return 1.0 - distance; }
  if (distance <= 1.0) { return (1.25 * distance - 2.25) * distance * distance + 1.0; }
  return ((-0.75 * distance + 3.75) * distance - 6.0) * distance + 3.0;
}

@compute @workgroup_size(group_size)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let i = line_of(id, groups, group_size);
  if (i >= params.count) { return; }
  let plane = i / params.points;
  let at = (plane / params.channels * params.points + i % params.points) * axes;
  let column = coordinate_of(grid[at], params.width);
  let row = coordinate_of(grid[at + 1u], params.height);
  var slice = 0.0;
  if (axes == 3u) { slice = coordinate_of(grid[at + 2u], params.depth); }
  var taps = 1;
  if (kind == kind_linear) { taps = 2; }
  if (kind == kind_cubic) { taps = 4; }
  let deep = select(1, taps, axes == 3u);
  let before = max(taps / 2 - 1, 0);
  let first = vec3<i32>(floor(vec3<f32>(slice, row, column))) - vec3<i32>(max(deep / 2 - 1, 0), before, before);
  var sum = 0.0;
  for (var d = 0; d < deep; d++) {
    let z = pixel_of(first.x + d, params.depth);
    for (var r = 0; r < taps; r++) {
      let h = pixel_of(first.y + r, params.height);
      for (var s = 0; s < taps; s++) {
        let w = pixel_of(first.z + s, params.width);
        if (min(z, min(h, w)) < 0) { continue; }
        let weight = weight_of(d, slice - floor(slice), deep) * weight_of(r, row - floor(row), taps) *
          weight_of(s, column - floor(column), taps);
        sum += weight * x[((i32(plane) * params.depth + z) * params.height + h) * params.width + w];
      }
    }
  }
  y[i] = sum;
}
