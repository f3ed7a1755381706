// y[p][i] = x[p][i] if place p has no owner (−1), else updates[owner of p][i]. One thread = one element.
// needs: Element
// use: lines
override group_size: u32 = 64u;
struct Params { count: u32, inner: u32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> x: array<Element>;
@group(0) @binding(2) var<storage, read_write> owners: array<i32>;
@group(0) @binding(3) var<storage, read_write> updates: array<Element>;
@group(0) @binding(4) var<storage, read_write> y: array<Element>;

@compute @workgroup_size(group_size)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let i = line_of(id, groups, group_size);
  if (i >= params.count) { return; }
  let owner = owners[i / params.inner];
  if (owner < 0) { y[i] = x[i]; } else { y[i] = updates[u32(owner) * params.inner + i % params.inner]; }
}
