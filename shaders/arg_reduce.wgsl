// y = index of the greatest (least = 1: least) element of each line, lines as in reduce.wgsl; of equals the first (last
// = 1: the last). One thread = one line.
// needs: Element
// use: lines
override group_size: u32 = 64u;
override least: u32 = 0u;
override last: u32 = 0u;
struct Params { outer: u32, count: u32, inner: u32, outer_stride: u32, stride: u32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> x: array<Element>;
@group(0) @binding(2) var<storage, read_write> y: array<i32>;

@compute @workgroup_size(group_size)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let line = line_of(id, groups, group_size);
  if (line >= params.outer * params.inner) { return; }
  let first = line / params.inner * params.outer_stride + line % params.inner;
  var best = x[first];
  var place = 0u;
  for (var k = 1u; k < params.count; k++) {
    let v = x[first + k * params.stride];
    let better = select(v > best, v < best, least == 1u);
    if (better || (last == 1u && v == best)) { best = v; place = k; }
  }
  y[line] = i32(place);
}
