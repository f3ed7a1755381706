// y = exp(x − max) / Σ exp(x − max) along one axis, its logarithm, or (hardmax) 1 at the first maximum and 0 elsewhere.
// x, y: [outer][count][inner]. One thread = one line along the axis.
// needs: kind_*
// use: lines
override group_size: u32 = 64u;
override kind: u32 = 0u;
struct Params { outer: u32, count: u32, inner: u32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(group_size)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let line = line_of(id, groups, group_size);
  if (line >= params.outer * params.inner) { return; }
  let first = line / params.inner * params.count * params.inner + line % params.inner;
  var most = x[first];
  var place = 0u;
  for (var k = 1u; k < params.count; k++) {
    let v = x[first + k * params.inner];
    if (v > most) { most = v; place = k; }
  }
  if (kind == kind_hardmax) {
    for (var k = 0u; k < params.count; k++) { y[first + k * params.inner] = select(0.0, 1.0, k == place); }
    return;
  }
  var sum = 0.0;
  for (var k = 0u; k < params.count; k++) { sum += exp(x[first + k * params.inner] - most); }
  for (var k = 0u; k < params.count; k++) {
    let at = first + k * params.inner;
    if (kind == kind_logarithm) { y[at] = x[at] - most - log(sum); } else { y[at] = exp(x[at] - most) / sum; }
  }
}
