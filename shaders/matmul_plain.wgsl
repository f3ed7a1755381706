// y = clamp(a b) over any element type, any strides; sums of integers wrap around. One thread = one element of y.
// Strides are in elements; a batch stride of 0 repeats a matrix.
// needs: Element
// use: lines
override group_size: u32 = 64u;
override has_low: u32 = 0u;
override has_high: u32 = 0u;
struct Params {
  batch: u32, rows: u32, columns: u32, depth: u32, a_batch: u32, a_row: u32, a_depth: u32,
  b_batch: u32, b_depth: u32, b_column: u32, low: f32, high: f32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> a: array<Element>;
@group(0) @binding(2) var<storage, read_write> b: array<Element>;
@group(0) @binding(3) var<storage, read_write> y: array<Element>;

@compute @workgroup_size(group_size)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let line = line_of(id, groups, group_size);
  let column = line % params.columns;
  let row = line / params.columns % params.rows;
  let batch = line / params.columns / params.rows;
  if (batch >= params.batch) { return; }
  let left = batch * params.a_batch + row * params.a_row;
  let right = batch * params.b_batch + column * params.b_column;
  var sum = Element();
  for (var k = 0u; k < params.depth; k++) { sum += a[left + k * params.a_depth] * b[right + k * params.b_depth]; }
  if (has_low == 1u) { sum = max(sum, Element(params.low)); }
  if (has_high == 1u) { sum = min(sum, Element(params.high)); }
  y[line] = sum;
}
