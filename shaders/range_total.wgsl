// x [groups] of (low, high, bad, 0) → y = one such quadruple for all. One thread; there are few groups.
struct Params { groups: u32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> x: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read_write> y: array<vec4<f32>>;

@compute @workgroup_size(1)
fn main() {
  var total = x[0];
  for (var i = 1u; i < params.groups; i++) {
    let part = x[i];
    total = vec4<f32>(min(total.x, part.x), max(total.y, part.y), total.z + part.z, 0.0);
  }
  y[0] = total;
}
