// The mean of samples in bins of regions, or the maximum of their weighted pixels: y[region][c][bin row][bin column].
// One thread = one element. A sample is the weighted sum of the four pixels around it.
// needs: kind_*
// use: lines
override group_size: u32 = 64u;
override kind: u32 = 0u;
struct Params {
  count: u32, image_count: i32, channels: u32, height: i32, width: i32, bin_rows: u32, bin_columns: u32,
  samples: i32, scale: f32, shift: f32, least: f32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> regions: array<f32>;
@group(0) @binding(3) var<storage, read_write> images: array<i32>;
@group(0) @binding(4) var<storage, read_write> y: array<f32>;

// The pixel at or before a coordinate, and the share of the next one; −1 more than a pixel outside.
fn pixel_at(place: f32, size: i32) -> vec2<f32> {
  if (!(place >= -1.0 && place <= f32(size))) { return vec2<f32>(-1.0, 0.0); }
  let at = clamp(place, 0.0, f32(size - 1));
  return vec2<f32>(floor(at), at - floor(at));
}

// The number of samples of a bin along an axis.
fn samples_of(extent: f32, bins: u32) -> f32 {
  if (params.samples > 0) { return f32(params.samples); }
  return max(ceil(extent / f32(bins)), 0.0);
}

// The samples that may be within a pixel of the image: the first one, and how many. Samples of regions far larger than
// the image are at least half a pixel apart, so that few remain.
fn within_reach(start: f32, step: f32, count: f32, size: i32) -> vec2<f32> {
  if (params.samples > 0) { return vec2<f32>(0.0, count); }
  let first = clamp(floor((-1.0 - start) / step) - 2.0, 0.0, count);
  return vec2<f32>(first, min(count - first, f32(2 * size + 8)));
}

@compute @workgroup_size(group_size)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let i = line_of(id, groups, group_size);
  if (i >= params.count) { return; }
  let bin = vec2<f32>(f32(i / params.bin_columns % params.bin_rows), f32(i % params.bin_columns));
  let plane = i / (params.bin_rows * params.bin_columns);
  let region = plane / params.channels;
  let top = regions[region * 4u + 1u] * params.scale - params.shift;
  let left = regions[region * 4u] * params.scale - params.shift;
  let height = max(regions[region * 4u + 3u] * params.scale - params.shift - top, params.least);
  let width = max(regions[region * 4u + 2u] * params.scale - params.shift - left, params.least);
  let rows = samples_of(height, params.bin_rows);
  let columns = samples_of(width, params.bin_columns);
  let bin_height = height / f32(params.bin_rows);
  let bin_width = width / f32(params.bin_columns);
  let row_step = bin_height / rows;
  let column_step = bin_width / columns;
  let row_reach = within_reach(top + bin.x * bin_height, row_step, rows, params.height);
  let column_reach = within_reach(left + bin.y * bin_width, column_step, columns, params.width);
  let image = clamp(images[region], 0, params.image_count - 1);
  let first = (image * i32(params.channels) + i32(plane % params.channels)) * params.height;
  var sum = 0.0;
  // Samples outside are zeros.
  let is_inside = all(vec2<f32>(row_reach.y, column_reach.y) == vec2<f32>(rows, columns));
  var most = select(0.0, -3.4028234663852886e38, is_inside);
  for (var r = 0; r < i32(row_reach.y); r++) {
    let row = row_reach.x + f32(r) + 0.5;
    let v = pixel_at(top + bin.x * bin_height + row * row_step, params.height);
    for (var s = 0; s < i32(column_reach.y); s++) {
      let column = column_reach.x + f32(s) + 0.5;
      let h = pixel_at(left + bin.y * bin_width + column * column_step, params.width);
      var parts = vec4<f32>(0.0);
      if (min(v.x, h.x) >= 0.0) {
        let upper = (first + i32(v.x)) * params.width;
        let lower = (first + min(i32(v.x) + 1, params.height - 1)) * params.width;
        let near = i32(h.x);
        let far = min(near + 1, params.width - 1);
        parts = vec4<f32>(
          (1.0 - v.y) * (1.0 - h.y) * x[upper + near], (1.0 - v.y) * h.y * x[upper + far],
          v.y * (1.0 - h.y) * x[lower + near], v.y * h.y * x[lower + far]);
      }
      sum += parts.x + parts.y + parts.z + parts.w;
      most = max(most, max(max(parts.x, parts.y), max(parts.z, parts.w)));
    }
  }
  let count = rows * columns;
  if (kind == kind_avg) { y[i] = sum / max(count, 1.0); } else { y[i] = select(0.0, most, count > 0.0); }
}
