// y = reduction of x along lines: x[outer · outer_stride + k · stride + inner], y: [outer][inner].
// One thread = one result. `empty` holds the bits of the result for empty lines.
// needs: Element kind_*
// use: lines reduce
override group_size: u32 = 64u;
override kind: u32 = 0u;
struct Params { outer: u32, count: u32, inner: u32, outer_stride: u32, stride: u32, empty: u32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> x: array<Element>;
@group(0) @binding(2) var<storage, read_write> y: array<Element>;

@compute @workgroup_size(group_size)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let line = line_of(id, groups, group_size);
  if (line >= params.outer * params.inner) { return; }
  if (params.count == 0u) { y[line] = bitcast<Element>(params.empty); return; }
  let first = line / params.inner * params.outer_stride + line % params.inner;
  var shift = Element(0);
  if (kind == kind_log_sum_exp) {
    shift = x[first];
    for (var k = 1u; k < params.count; k++) { shift = max(shift, x[first + k * params.stride]); }
    shift = shift_of(shift);
  }
  var result = neutral_of(kind, x[first]);
  for (var k = 0u; k < params.count; k++) { result = take(kind, result, x[first + k * params.stride], shift); }
  y[line] = finish(kind, result, params.count, shift);
}
