// y = f(x) of integers of any width and booleans, modulo 2^bits. One thread = one element.
// `kind` selects f.
// needs: kind_*
// use: lines integer
override group_size: u32 = 64u;
override kind: u32 = 0u;
override bits: u32 = 32u;
override unsigned: u32 = 0u;
struct Params { count: u32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> x: array<i32>;
@group(0) @binding(2) var<storage, read_write> y: array<i32>;

fn apply(v: i32) -> i32 {
  let negative = unsigned == 0u && v < 0;
  switch (kind) {
    case kind_abs: { return select(v, -v, negative); }
    case kind_negate: { return -v; }
    case kind_sign: { return select(select(1, 0, v == 0), -1, negative); }
    case kind_relu: { return select(v, 0, negative); }
    case kind_invert: { return ~v; }
    case kind_not: { return select(0, 1, v == 0); }
    default: { return v; }
  }
}

@compute @workgroup_size(group_size)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let i = line_of(id, groups, group_size);
  if (i < params.count) { y[i] = narrow(apply(x[i]), bits, unsigned); }
}
