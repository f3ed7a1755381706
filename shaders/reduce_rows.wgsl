// y = reduction of x along long lines, as in reduce.wgsl. One workgroup = one result.
// needs: Element kind_*
// use: reduce
override group_size: u32 = 64u;
override kind: u32 = 0u;
struct Params { outer: u32, count: u32, inner: u32, outer_stride: u32, stride: u32, empty: u32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> x: array<Element>;
@group(0) @binding(2) var<storage, read_write> y: array<Element>;
var<workgroup> parts: array<Element, group_size>;

// All threads' parts joined, for every thread; the last barrier frees `parts` for the next use.
fn total(kind_of_join: u32, part: Element, thread: u32) -> Element {
  parts[thread] = part;
  for (var half = group_size / 2u; half > 0u; half = half / 2u) {
    workgroupBarrier();
    if (thread < half) { parts[thread] = join(kind_of_join, parts[thread], parts[thread + half]); }
  }
  workgroupBarrier();
  let result = parts[0];
  workgroupBarrier();
  return result;
}

@compute @workgroup_size(group_size)
fn main(@builtin(local_invocation_id) local: vec3<u32>, @builtin(workgroup_id) group: vec3<u32>,
        @builtin(num_workgroups) groups: vec3<u32>) {
  let line = group.x + group.y * groups.x;
  if (line >= params.outer * params.inner) { return; }
  if (params.count == 0u) { y[line] = bitcast<Element>(params.empty); return; }
  let first = line / params.inner * params.outer_stride + line % params.inner;
  var shift = Element(0);
  if (kind == kind_log_sum_exp) {
    shift = x[first];
    for (var k = local.x; k < params.count; k += group_size) { shift = max(shift, x[first + k * params.stride]); }
    shift = shift_of(total(kind_max, shift, local.x));
  }
  var part = neutral_of(kind, x[first]);
  for (var k = local.x; k < params.count; k += group_size) {
    part = take(kind, part, x[first + k * params.stride], shift);
  }
  let result = total(kind, part, local.x);
  if (local.x == 0u) { y[line] = finish(kind, result, params.count, shift); }
}
