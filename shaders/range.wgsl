// Per workgroup: least, greatest, and how many of its elements are no finite numbers → y[group] = (low, high, bad, 0).
// One workgroup = one strided share of x; together they clear `counts` for the histogram that follows.
// Subnormal numbers count as zero: devices may flush them.
// use: lanes
override group_size: u32 = 64u;
override padded: u32 = 0u;
struct Params { quads: u32, blocks: u32, limit: u32, bins: u32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> x: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read_write> y: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read_write> counts: array<u32>;
var<workgroup> parts: array<vec4<f32>, group_size>;

@compute @workgroup_size(group_size)
fn main(@builtin(local_invocation_id) local: vec3<u32>, @builtin(workgroup_id) group: vec3<u32>,
        @builtin(num_workgroups) groups: vec3<u32>) {
  let start = group.x * group_size + local.x;
  let stride = groups.x * group_size;
  for (var k = start; k < params.bins; k += stride) { counts[k] = 0u; }
  let largest = vec4<f32>(3.4028234663852886e38);
  var low = largest;
  var high = -largest;
  var bad = vec4<f32>(0.0);
  for (var i = start; i < params.quads; i += stride) {
    let v = x[i];
    let exponent = bitcast<vec4<u32>>(v) & vec4<u32>(0x7f800000u);
    let inside = lanes_of(i, padded, params.blocks, params.limit);
    let finite = inside & (exponent != vec4<u32>(0x7f800000u));
    let value = select(v, vec4<f32>(0.0), exponent == vec4<u32>(0u));
    low = min(low, select(largest, value, finite));
    high = max(high, select(-largest, value, finite));
    bad += select(vec4<f32>(0.0), vec4<f32>(1.0), inside & !finite);
  }
  parts[local.x] = vec4<f32>(
    min(min(low.x, low.y), min(low.z, low.w)), max(max(high.x, high.y), max(high.z, high.w)),
    bad.x + bad.y + bad.z + bad.w, 0.0);
  for (var half = group_size / 2u; half > 0u; half = half / 2u) {
    workgroupBarrier();
    if (local.x < half) {
      let a = parts[local.x];
      let b = parts[local.x + half];
      parts[local.x] = vec4<f32>(min(a.x, b.x), max(a.y, b.y), a.z + b.z, 0.0);
    }
  }
  if (local.x == 0u) { y[group.x] = parts[0]; }
}
