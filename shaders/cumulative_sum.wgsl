// y[k] = Σ x[0..k] along the middle axis of [outer][count][inner]. One thread = one line.
// exclusive: without x[k] itself; backwards: from the other end.
// needs: Element
// use: lines
override group_size: u32 = 64u;
override exclusive: u32 = 0u;
override backwards: u32 = 0u;
struct Params { outer: u32, count: u32, inner: u32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> x: array<Element>;
@group(0) @binding(2) var<storage, read_write> y: array<Element>;

@compute @workgroup_size(group_size)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let line = line_of(id, groups, group_size);
  if (line >= params.outer * params.inner) { return; }
  let first = line / params.inner * params.count * params.inner + line % params.inner;
  var sum = Element(0);
  for (var k = 0u; k < params.count; k++) {
    let at = first + select(k, params.count - 1u - k, backwards == 1u) * params.inner;
    let value = x[at];
    if (exclusive == 1u) { y[at] = sum; }
    sum += value;
    if (exclusive == 0u) { y[at] = sum; }
  }
}
