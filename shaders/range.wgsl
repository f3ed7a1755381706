// Per workgroup: least and greatest element and the number of non-finite ones → y[group] = (low, high, bad, 0).
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
  let infinite = vec4<u32>(0x7f800000u);
  var low = largest;
  var high = -largest;
  var exponents = vec4<u32>(0u);
  for (var i = start; i < params.quads; i += stride) {
    let inside = lanes_of(i, padded, params.blocks, params.limit);
    let v = x[i];
    exponents = max(exponents, select(vec4<u32>(0u), bitcast<vec4<u32>>(v) & infinite, inside));
    low = min(low, select(largest, v, inside));
    high = max(high, select(-largest, v, inside));
  }
  var bad = vec4<f32>(0.0);
  if (any(exponents == infinite)) {
    low = largest;
    high = -largest;
    for (var i = start; i < params.quads; i += stride) {
      let v = x[i];
      let inside = lanes_of(i, padded, params.blocks, params.limit);
      let finite = inside & ((bitcast<vec4<u32>>(v) & infinite) != infinite);
      low = min(low, select(largest, v, finite));
      high = max(high, select(-largest, v, finite));
      bad += select(vec4<f32>(0.0), vec4<f32>(1.0), inside & !finite);
    }
  }
  // Flushing preserves order, so only the ends are flushed.
  low = select(low, vec4<f32>(0.0), (bitcast<vec4<u32>>(low) & infinite) == vec4<u32>(0u));
  high = select(high, vec4<f32>(0.0), (bitcast<vec4<u32>>(high) & infinite) == vec4<u32>(0u));
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
