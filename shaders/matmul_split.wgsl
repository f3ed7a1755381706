// Parts of a[i] b[i] of row-major matrices, for deep products with few rows: each of `splits` workgroups sums `share`
// quads of the depth into its part of y [split][batch][rows][columns]; matmul_join adds the parts.
// One thread = 4 rows × 4 columns; neighbouring threads read neighbouring columns. Batch strides are in quads.
override group_size: u32 = 64u;
struct Params {
  batch: u32, rows: u32, columns: u32, depth: u32, a_batch: u32, b_batch: u32, splits: u32, share: u32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> a: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read_write> b: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read_write> y: array<vec4<f32>>;

@compute @workgroup_size(group_size)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let quads = params.columns / 4u;
  let deep = params.depth / 4u;
  let quad = id.x;
  let row = id.y * 4u;
  let batch = id.z % params.batch;
  let split = id.z / params.batch;
  if (row >= params.rows || quad >= quads) { return; }
  let last = params.rows - 1u;
  let first = batch * params.a_batch;
  let a0 = first + row * deep;
  let a1 = first + min(row + 1u, last) * deep;
  let a2 = first + min(row + 2u, last) * deep;
  let a3 = first + min(row + 3u, last) * deep;
  let end = min((split + 1u) * params.share, deep);
  var at = batch * params.b_batch + split * params.share * 4u * quads + quad;
  var s0 = vec4<f32>(0.0); var s1 = vec4<f32>(0.0); var s2 = vec4<f32>(0.0); var s3 = vec4<f32>(0.0);
  for (var k = split * params.share; k < end; k++) {
    let x0 = a[a0 + k];
    let x1 = a[a1 + k];
    let x2 = a[a2 + k];
    let x3 = a[a3 + k];
    let u0 = b[at]; let u1 = b[at + quads]; let u2 = b[at + 2u * quads]; let u3 = b[at + 3u * quads];
    s0 += x0.x * u0; s1 += x1.x * u0; s2 += x2.x * u0; s3 += x3.x * u0;
    s0 += x0.y * u1; s1 += x1.y * u1; s2 += x2.y * u1; s3 += x3.y * u1;
    s0 += x0.z * u2; s1 += x1.z * u2; s2 += x2.z * u2; s3 += x3.z * u2;
    s0 += x0.w * u3; s1 += x1.w * u3; s2 += x2.w * u3; s3 += x3.w * u3;
    at += 4u * quads;
  }
  let to = ((split * params.batch + batch) * params.rows + row) * quads + quad;
  y[to] = s0;
  if (row + 1u <= last) { y[to + quads] = s1; }
  if (row + 2u <= last) { y[to + 2u * quads] = s2; }
  if (row + 3u <= last) { y[to + 3u * quads] = s3; }
}
