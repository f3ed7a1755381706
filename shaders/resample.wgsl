// y[o][r][c][i] = Σ over the taps of row r and column c: weight · x[o][row][column][i]. One thread = one element.
// rows, columns: `taps` indices for each index of the result; the first is −1 where the result is `outside`.
// needs: Element
// use: lines
override group_size: u32 = 64u;
override row_taps: u32 = 1u;
override column_taps: u32 = 1u;
struct Params {
  count: u32, height: u32, width: u32, out_height: u32, out_width: u32, inner: u32, outside: f32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> x: array<Element>;
@group(0) @binding(2) var<storage, read> rows: array<i32>;
@group(0) @binding(3) var<storage, read> row_weights: array<f32>;
@group(0) @binding(4) var<storage, read> columns: array<i32>;
@group(0) @binding(5) var<storage, read> column_weights: array<f32>;
@group(0) @binding(6) var<storage, read_write> y: array<Element>;

@compute @workgroup_size(group_size)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let i = line_of(id, groups, group_size);
  if (i >= params.count) { return; }
  let pixel = i / params.inner;
  let row = pixel / params.out_width;
  let r = row % params.out_height * row_taps;
  let c = pixel % params.out_width * column_taps;
  let plane = row / params.out_height * params.height;
  let lane = i % params.inner;
  if (min(rows[r], columns[c]) < 0) {
    y[i] = Element(params.outside);
    return;
  }
  if (row_taps == 1u && column_taps == 1u) {
    y[i] = x[((plane + u32(rows[r])) * params.width + u32(columns[c])) * params.inner + lane];
    return;
  }
  var sum = 0.0;
  for (var s = 0u; s < row_taps; s++) {
    let line = (plane + u32(rows[r + s])) * params.width;
    var part = 0.0;
    for (var t = 0u; t < column_taps; t++) {
      part += column_weights[c + t] * f32(x[(line + u32(columns[c + t])) * params.inner + lane]);
    }
    sum += row_weights[r + s] * part;
  }
  y[i] = Element(sum);
}
