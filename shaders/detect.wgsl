// y = 1 where x is NaN or an infinity, as the overrides select, else 0. One thread = one element. x is read as bits:
// WGSL's arithmetic may assume that neither NaN nor infinities occur.
// use: lines
override group_size: u32 = 64u;
override nan: u32 = 0u;
override positive: u32 = 0u;
override negative: u32 = 0u;
struct Params { count: u32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> x: array<u32>;
@group(0) @binding(2) var<storage, read_write> y: array<i32>;

@compute @workgroup_size(group_size)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let i = line_of(id, groups, group_size);
  if (i >= params.count) { return; }
  let word = x[i];
  let found = (nan == 1u && (word & 0x7fffffffu) > 0x7f800000u) || (positive == 1u && word == 0x7f800000u) ||
    (negative == 1u && word == 0xff800000u);
  y[i] = select(0, 1, found);
}
