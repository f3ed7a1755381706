// What matmul_quads computes, through workgroup memory. One workgroup = 64 rows × 64 columns, 16 deep at a time;
// one thread = 4 rows × 4 columns.
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
// [4 quads deep][64 rows] and [16 deep][16 quads]. Two more rows, so that neighbouring threads write to different
// banks.
const a_line = 66u;
const b_line = 16u;
var<workgroup> a_tile: array<vec4<f32>, 264>;
var<workgroup> b_tile: array<vec4<f32>, 256>;

// Past the end of the depth the last quad is read again but not used.
fn a_at(first: u32, k: u32) -> vec4<f32> {
  return a[first + min(k, params.depth / 4u - 1u)];
}

fn b_at(first: u32, k: u32) -> vec4<f32> {
  return b[first + min(k, params.depth - 1u) * (params.columns / 4u)];
}

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  let deep = params.depth / 4u;
  let tx = thread % 16u;
  let ty = thread / 16u;
  // In each step this thread fetches one quad of a and one of b.
  let ak = thread % 4u;
  let row = min(group.y * 64u + thread / 4u, params.rows - 1u);
  let a_first = group.z * params.a_batch + row * deep;
  let b_first = group.z * params.b_batch + min(group.x * 16u + tx, params.columns / 4u - 1u);
  let a_to = ak * a_line + thread / 4u;
  let b_to = ty * b_line + tx;
  var a_next = a_at(a_first, ak);
  var b_next = b_at(b_first, ty);
  var s0 = vec4<f32>(0.0); var s1 = vec4<f32>(0.0); var s2 = vec4<f32>(0.0); var s3 = vec4<f32>(0.0);
  for (var k = 0u; k < deep; k += 4u) {
    workgroupBarrier();
    a_tile[a_to] = a_next;
    b_tile[b_to] = b_next;
    workgroupBarrier();
    a_next = a_at(a_first, k + 4u + ak);
    b_next = b_at(b_first, k * 4u + 16u + ty);
    let end = min(4u, deep - k);
    for (var q = 0u; q < end; q++) {
      let start = q * a_line + ty * 4u;
      let x0 = a_tile[start];
      let x1 = a_tile[start + 1u];
      let x2 = a_tile[start + 2u];
      let x3 = a_tile[start + 3u];
      let line = q * 4u * b_line + tx;
      var u = b_tile[line];
      s0 += x0.x * u; s1 += x1.x * u; s2 += x2.x * u; s3 += x3.x * u;
      u = b_tile[line + b_line];
      s0 += x0.y * u; s1 += x1.y * u; s2 += x2.y * u; s3 += x3.y * u;
      u = b_tile[line + 2u * b_line];
      s0 += x0.z * u; s1 += x1.z * u; s2 += x2.z * u; s3 += x3.z * u;
      u = b_tile[line + 3u * b_line];
      s0 += x0.w * u; s1 += x1.w * u; s2 += x2.w * u; s3 += x3.w * u;
    }
  }
  let first = group.y * 64u + ty * 4u;
  let quad = group.x * 16u + tx;
  put(group.z, first, quad, s0);
  put(group.z, first + 1u, quad, s1);
  put(group.z, first + 2u, quad, s2);
  put(group.z, first + 3u, quad, s3);
}
