// y = exp(x − max) / Σ exp(x − max) along rows, or its logarithm. x, y: [rows][count].
// One workgroup = one row.
// needs: kind_*
override group_size: u32 = 64u;
override kind: u32 = 0u;
struct Params { rows: u32, count: u32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;
var<workgroup> parts: array<f32, group_size>;

@compute @workgroup_size(group_size)
fn main(@builtin(local_invocation_id) local: vec3<u32>, @builtin(workgroup_id) group: vec3<u32>,
        @builtin(num_workgroups) groups: vec3<u32>) {
  let row = group.x + group.y * groups.x;
  if (row >= params.rows) { return; }
  let first = row * params.count;
  var part = x[first];
  for (var k = local.x; k < params.count; k += group_size) { part = max(part, x[first + k]); }
  parts[local.x] = part;
  for (var half = group_size / 2u; half > 0u; half = half / 2u) {
    workgroupBarrier();
    if (local.x < half) { parts[local.x] = max(parts[local.x], parts[local.x + half]); }
  }
  workgroupBarrier();
  let most = parts[0];
  workgroupBarrier();
  part = 0.0;
  for (var k = local.x; k < params.count; k += group_size) { part += exp(x[first + k] - most); }
  parts[local.x] = part;
  for (var half = group_size / 2u; half > 0u; half = half / 2u) {
    workgroupBarrier();
    if (local.x < half) { parts[local.x] += parts[local.x + half]; }
  }
  workgroupBarrier();
  let sum = parts[0];
  for (var k = local.x; k < params.count; k += group_size) {
    let lower = x[first + k] - most;
    if (kind == kind_logarithm) { y[first + k] = lower - log(sum); } else { y[first + k] = exp(lower) / sum; }
  }
}
