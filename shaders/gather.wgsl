// y[o][p][i] = x[o][index 0 of p]…[index depth − 1 of p][i]: Gather (one index per pick) and GatherND (up to six).
// One thread = one element. indices: [picks][depth] for every o, or once for all of them (`outer_indices` is 0).
// needs: Element
// use: lines clamped_place
override group_size: u32 = 64u;
override depth: u32 = 1u;
struct Params {
  count: u32, picks: u32, inner: u32, outer_stride: u32, outer_indices: u32,
  size0: i32, size1: i32, size2: i32, size3: i32, size4: i32, size5: i32,
  stride0: i32, stride1: i32, stride2: i32, stride3: i32, stride4: i32, stride5: i32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> x: array<Element>;
@group(0) @binding(2) var<storage, read_write> indices: array<i32>;
@group(0) @binding(3) var<storage, read_write> y: array<Element>;

@compute @workgroup_size(group_size)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let i = line_of(id, groups, group_size);
  if (i >= params.count) { return; }
  let line = i / params.inner;
  let outer = line / params.picks;
  let at = outer * params.outer_indices + (line % params.picks) * depth;
  var place = clamped_place(indices[at], params.size0, params.stride0);
  if (depth > 1u) { place += clamped_place(indices[at + 1u], params.size1, params.stride1); }
  if (depth > 2u) { place += clamped_place(indices[at + 2u], params.size2, params.stride2); }
  if (depth > 3u) { place += clamped_place(indices[at + 3u], params.size3, params.stride3); }
  if (depth > 4u) { place += clamped_place(indices[at + 4u], params.size4, params.stride4); }
  if (depth > 5u) { place += clamped_place(indices[at + 5u], params.size5, params.stride5); }
  y[i] = x[outer * params.outer_stride + u32(place) + i % params.inner];
}
