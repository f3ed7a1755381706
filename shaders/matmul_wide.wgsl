// What matmul_quads computes, through workgroup memory, for many rows and columns. One workgroup = 128 rows × 128
// columns, 8 deep at a time; one thread = 8 rows × 8 columns, in two halves each way.
// use: product
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
// [2 quads deep][128 rows] and [8 deep][32 quads]. Four more rows, so that neighbouring threads write to different
// banks.
const a_line = 132u;
const b_line = 32u;
var<workgroup> a_tile: array<vec4<f32>, 264>;
var<workgroup> b_tile: array<vec4<f32>, 256>;

// Past the end of the depth the last quad is read again but not used.
fn a_at(first: u32, k: u32) -> vec4<f32> {
  return a[first + min(k, params.depth / 4u - 1u)];
}

fn b_at(first: u32, k: u32) -> vec4<f32> {
  return b[first + min(k, params.depth - 1u) * (params.columns / 4u)];
}

fn put_both(batch: u32, row: u32, quad: u32, left: vec4<f32>, right: vec4<f32>) {
  put(batch, row, quad, left);
  put(batch, row, quad + 16u, right);
}

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  let deep = params.depth / 4u;
  let tx = thread % 16u;
  let ty = thread / 16u;
  // In each step this thread fetches one quad of a and one of b.
  let ak = thread % 2u;
  let bk = thread / 32u;
  let row = min(group.y * 128u + thread / 2u, params.rows - 1u);
  let a_first = group.z * params.a_batch + row * deep;
  let b_first = group.z * params.b_batch + min(group.x * 32u + thread % 32u, params.columns / 4u - 1u);
  let a_to = ak * a_line + thread / 2u;
  var a_next = a_at(a_first, ak);
  var b_next = b_at(b_first, bk);
  var s0 = vec4<f32>(0.0); var t0 = s0; var s1 = vec4<f32>(0.0); var t1 = s1;
  var s2 = vec4<f32>(0.0); var t2 = s2; var s3 = vec4<f32>(0.0); var t3 = s3;
  var s4 = vec4<f32>(0.0); var t4 = s4; var s5 = vec4<f32>(0.0); var t5 = s5;
  var s6 = vec4<f32>(0.0); var t6 = s6; var s7 = vec4<f32>(0.0); var t7 = s7;
  for (var k = 0u; k < deep; k += 2u) {
    workgroupBarrier();
    a_tile[a_to] = a_next;
    b_tile[thread] = b_next;
    workgroupBarrier();
    a_next = a_at(a_first, k + 2u + ak);
    b_next = b_at(b_first, k * 4u + 8u + bk);
    let end = min(2u, deep - k);
    for (var q = 0u; q < end; q++) {
      let start = q * a_line + ty * 4u;
      let x0 = a_tile[start]; let x1 = a_tile[start + 1u];
      let x2 = a_tile[start + 2u]; let x3 = a_tile[start + 3u];
      let x4 = a_tile[start + 64u]; let x5 = a_tile[start + 65u];
      let x6 = a_tile[start + 66u]; let x7 = a_tile[start + 67u];
      let line = q * 4u * b_line + tx;
      var u = b_tile[line]; var v = b_tile[line + 16u];
      s0 += x0.x * u; t0 += x0.x * v; s1 += x1.x * u; t1 += x1.x * v;
      s2 += x2.x * u; t2 += x2.x * v; s3 += x3.x * u; t3 += x3.x * v;
      s4 += x4.x * u; t4 += x4.x * v; s5 += x5.x * u; t5 += x5.x * v;
      s6 += x6.x * u; t6 += x6.x * v; s7 += x7.x * u; t7 += x7.x * v;
      u = b_tile[line + b_line]; v = b_tile[line + b_line + 16u];
      s0 += x0.y * u; t0 += x0.y * v; s1 += x1.y * u; t1 += x1.y * v;
      s2 += x2.y * u; t2 += x2.y * v; s3 += x3.y * u; t3 += x3.y * v;
      s4 += x4.y * u; t4 += x4.y * v; s5 += x5.y * u; t5 += x5.y * v;
      s6 += x6.y * u; t6 += x6.y * v; s7 += x7.y * u; t7 += x7.y * v;
      u = b_tile[line + 2u * b_line]; v = b_tile[line + 2u * b_line + 16u];
      s0 += x0.z * u; t0 += x0.z * v; s1 += x1.z * u; t1 += x1.z * v;
      s2 += x2.z * u; t2 += x2.z * v; s3 += x3.z * u; t3 += x3.z * v;
      s4 += x4.z * u; t4 += x4.z * v; s5 += x5.z * u; t5 += x5.z * v;
      s6 += x6.z * u; t6 += x6.z * v; s7 += x7.z * u; t7 += x7.z * v;
      u = b_tile[line + 3u * b_line]; v = b_tile[line + 3u * b_line + 16u];
      s0 += x0.w * u; t0 += x0.w * v; s1 += x1.w * u; t1 += x1.w * v;
      s2 += x2.w * u; t2 += x2.w * v; s3 += x3.w * u; t3 += x3.w * v;
      s4 += x4.w * u; t4 += x4.w * v; s5 += x5.w * u; t5 += x5.w * v;
      s6 += x6.w * u; t6 += x6.w * v; s7 += x7.w * u; t7 += x7.w * v;
    }
  }
  let first = group.y * 128u + ty * 4u;
  let quad = group.x * 32u + tx;
  put_both(group.z, first, quad, s0, t0);
  put_both(group.z, first + 1u, quad, s1, t1);
  put_both(group.z, first + 2u, quad, s2, t2);
  put_both(group.z, first + 3u, quad, s3, t3);
  put_both(group.z, first + 64u, quad, s4, t4);
  put_both(group.z, first + 65u, quad, s5, t5);
  put_both(group.z, first + 66u, quad, s6, t6);
  put_both(group.z, first + 67u, quad, s7, t7);
}
