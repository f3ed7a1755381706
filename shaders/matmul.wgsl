// y[i] = clamp(alpha · a[i] b[i] + beta · bias), any strides. One thread = 4 rows × 4 columns.
// Strides are in elements; a batch stride of 0 repeats a matrix.
override group_size: u32 = 8u;
override has_bias: u32 = 0u;
struct Params {
  batch: u32, rows: u32, columns: u32, depth: u32, a_batch: u32, a_row: u32, a_depth: u32, b_batch: u32, b_depth: u32,
  b_column: u32, bias_row: u32, bias_column: u32, alpha: f32, beta: f32, low: f32, high: f32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> a: array<f32>;
@group(0) @binding(2) var<storage, read_write> b: array<f32>;
@group(0) @binding(3) var<storage, read_write> bias: array<f32>;
@group(0) @binding(4) var<storage, read_write> y: array<f32>;

fn put(batch: u32, row: u32, column: u32, sum: f32) {
  if (row >= params.rows || column >= params.columns) { return; }
  var value = params.alpha * sum;
  if (has_bias == 1u) { value += params.beta * bias[row * params.bias_row + column * params.bias_column]; }
  y[(batch * params.rows + row) * params.columns + column] = clamp(value, params.low, params.high);
}

fn put_row(batch: u32, row: u32, column: u32, sums: vec4<f32>) {
  put(batch, row, column, sums.x);
  put(batch, row, column + 1u, sums.y);
  put(batch, row, column + 2u, sums.z);
  put(batch, row, column + 3u, sums.w);
}

@compute @workgroup_size(group_size, group_size)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let column = id.x * 4u;
  let row = id.y * 4u;
  if (row >= params.rows || column >= params.columns) { return; }
  let rows = vec4<u32>(row, row + 1u, row + 2u, row + 3u);
  let columns = vec4<u32>(column, column + 1u, column + 2u, column + 3u);
  let a_at = min(rows, vec4<u32>(params.rows - 1u)) * params.a_row + id.z * params.a_batch;
  let b_at = min(columns, vec4<u32>(params.columns - 1u)) * params.b_column + id.z * params.b_batch;
  var s0 = vec4<f32>(0.0); var s1 = vec4<f32>(0.0); var s2 = vec4<f32>(0.0); var s3 = vec4<f32>(0.0);
  for (var k = 0u; k < params.depth; k++) {
    let ka = k * params.a_depth;
    let kb = k * params.b_depth;
    let v = vec4<f32>(b[b_at.x + kb], b[b_at.y + kb], b[b_at.z + kb], b[b_at.w + kb]);
    s0 += a[a_at.x + ka] * v;
    s1 += a[a_at.y + ka] * v;
    s2 += a[a_at.z + ka] * v;
    s3 += a[a_at.w + ka] * v;
  }
  put_row(id.z, row, column, s0);
  put_row(id.z, row + 1u, column, s1);
  put_row(id.z, row + 2u, column, s2);
  put_row(id.z, row + 3u, column, s3);
}
