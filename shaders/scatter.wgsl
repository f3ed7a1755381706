// y at each index = update, or y combined with it as `kind` says. Updates that share a target are applied in order: one
// thread = one line, whose targets no other line has, with all its updates.
// needs: Element kind_*
// use: lines clamped_place
override group_size: u32 = 64u;
override kind: u32 = 0u;
override depth: u32 = 1u;
struct Params {
  count: u32, dim1: u32, dim2: u32, dim3: u32, dim4: u32, dim5: u32,
  index0: u32, index1: u32, index2: u32, index3: u32, index4: u32, index5: u32,
  update0: u32, update1: u32, update2: u32, update3: u32, update4: u32, update5: u32,
  out0: u32, out1: u32, out2: u32, out3: u32, out4: u32, out5: u32,
  updates_count: u32, index_step: u32, update_step: u32,
  size0: i32, size1: i32, size2: i32, size3: i32, size4: i32, size5: i32,
  stride0: i32, stride1: i32, stride2: i32, stride3: i32, stride4: i32, stride5: i32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> indices: array<i32>;
@group(0) @binding(2) var<storage, read_write> updates: array<Element>;
@group(0) @binding(3) var<storage, read_write> y: array<Element>;

fn target_of(at: u32) -> u32 {
  var to = clamped_place(indices[at], params.size0, params.stride0);
  if (depth > 1u) { to += clamped_place(indices[at + 1u], params.size1, params.stride1); }
  if (depth > 2u) { to += clamped_place(indices[at + 2u], params.size2, params.stride2); }
  if (depth > 3u) { to += clamped_place(indices[at + 3u], params.size3, params.stride3); }
  if (depth > 4u) { to += clamped_place(indices[at + 4u], params.size4, params.stride4); }
  if (depth > 5u) { to += clamped_place(indices[at + 5u], params.size5, params.stride5); }
  return u32(to);
}

fn combine(old: Element, update: Element) -> Element {
  switch (kind) {
    case kind_add: { return old + update; }
    case kind_mul: { return old * update; }
    case kind_max: { return max(old, update); }
    case kind_min: { return min(old, update); }
    case kind_none, default: { return update; }
  }
}

@compute @workgroup_size(group_size)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let line = line_of(id, groups, group_size);
  if (line >= params.count) { return; }
  let c5 = line % params.dim5;
  var rest = line / params.dim5;
  let c4 = rest % params.dim4;
  rest = rest / params.dim4;
  let c3 = rest % params.dim3;
  rest = rest / params.dim3;
  let c2 = rest % params.dim2;
  rest = rest / params.dim2;
  let c1 = rest % params.dim1;
  let c0 = rest / params.dim1;
  var index = c0 * params.index0 + c1 * params.index1 + c2 * params.index2 + c3 * params.index3 +
    c4 * params.index4 + c5 * params.index5;
  var update = c0 * params.update0 + c1 * params.update1 + c2 * params.update2 + c3 * params.update3 +
    c4 * params.update4 + c5 * params.update5;
  let first = c0 * params.out0 + c1 * params.out1 + c2 * params.out2 + c3 * params.out3 + c4 * params.out4 +
    c5 * params.out5;
  for (var i = 0u; i < params.updates_count; i++) {
    let to = first + target_of(index);
    y[to] = combine(y[to], updates[update]);
    index += params.index_step;
    update += params.update_step;
  }
}
