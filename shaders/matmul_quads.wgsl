// y[i] = clamp(alpha · a[i] b[i] + beta · bias) of row-major matrices whose depth and columns are multiples of four.
// One thread = 4 rows × 8 columns, four deep at a time. Batch strides are in quads; 0 repeats a matrix.
// use: product
override group_size: u32 = 8u;
override has_bias: u32 = 0u;
struct Params {
  batch: u32, rows: u32, columns: u32, depth: u32, a_batch: u32, b_batch: u32, bias_row: u32, bias_column: u32,
  alpha: f32, beta: f32, low: f32, high: f32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> a: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read_write> b: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read_write> bias: array<f32>;
@group(0) @binding(4) var<storage, read_write> y: array<vec4<f32>>;

@compute @workgroup_size(group_size, group_size)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let quads = params.columns / 4u;
  let deep = params.depth / 4u;
  let quad = id.x * 2u;
  let row = id.y * 4u;
  if (row >= params.rows || quad >= quads) { return; }
  let last = params.rows - 1u;
  let first = id.z * params.a_batch;
  let a0 = first + row * deep;
  let a1 = first + min(row + 1u, last) * deep;
  let a2 = first + min(row + 2u, last) * deep;
  let a3 = first + min(row + 3u, last) * deep;
  let other = min(quad + 1u, quads - 1u) - quad;
  var at = id.z * params.b_batch + quad;
  var s0 = vec4<f32>(0.0); var t0 = s0; var s1 = s0; var t1 = s0;
  var s2 = s0; var t2 = s0; var s3 = s0; var t3 = s0;
  for (var k = 0u; k < deep; k++) {
    let x0 = a[a0 + k];
    let x1 = a[a1 + k];
    let x2 = a[a2 + k];
    let x3 = a[a3 + k];
    var u = b[at]; var v = b[at + other];
    s0 += x0.x * u; t0 += x0.x * v; s1 += x1.x * u; t1 += x1.x * v;
    s2 += x2.x * u; t2 += x2.x * v; s3 += x3.x * u; t3 += x3.x * v;
    at += quads;
    u = b[at]; v = b[at + other];
    s0 += x0.y * u; t0 += x0.y * v; s1 += x1.y * u; t1 += x1.y * v;
    s2 += x2.y * u; t2 += x2.y * v; s3 += x3.y * u; t3 += x3.y * v;
    at += quads;
    u = b[at]; v = b[at + other];
    s0 += x0.z * u; t0 += x0.z * v; s1 += x1.z * u; t1 += x1.z * v;
    s2 += x2.z * u; t2 += x2.z * v; s3 += x3.z * u; t3 += x3.z * v;
    at += quads;
    u = b[at]; v = b[at + other];
    s0 += x0.w * u; t0 += x0.w * v; s1 += x1.w * u; t1 += x1.w * v;
    s2 += x2.w * u; t2 += x2.w * v; s3 += x3.w * u; t3 += x3.w * v;
    at += quads;
  }
  put(id.z, row, quad, s0); put(id.z, row, quad + 1u, t0);
  put(id.z, row + 1u, quad, s1); put(id.z, row + 1u, quad + 1u, t1);
  put(id.z, row + 2u, quad, s2); put(id.z, row + 2u, quad + 1u, t2);
  put(id.z, row + 3u, quad, s3); put(id.z, row + 3u, quad + 1u, t3);
}
