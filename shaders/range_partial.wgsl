// Per workgroup: least, greatest, and how many of its elements are no finite numbers → y[group] = (low, high, bad, 0).
// One workgroup = one strided share of x. Subnormal numbers count as zero. Lanes from `channels` to
// `stride_channels` are padding and skipped.
override group_size: u32 = 256u;
struct Params { count: u32, channels: u32, stride_channels: u32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<vec4<f32>>;
var<workgroup> lows: array<f32, group_size>;
var<workgroup> highs: array<f32, group_size>;
var<workgroup> bads: array<f32, group_size>;

@compute @workgroup_size(group_size)
fn main(@builtin(local_invocation_id) local: vec3<u32>, @builtin(workgroup_id) group: vec3<u32>,
        @builtin(num_workgroups) groups: vec3<u32>) {
  var low = 3.4028234663852886e38;
  var high = -3.4028234663852886e38;
  var bad = 0.0;
  for (var i = group.x * group_size + local.x; i < params.count; i += groups.x * group_size) {
    if (i % params.stride_channels >= params.channels) { continue; }
    let exponent = bitcast<u32>(x[i]) & 0x7f800000u;
    if (exponent == 0x7f800000u) { bad += 1.0; continue; }
    let v = select(x[i], 0.0, exponent == 0u);
    low = min(low, v);
    high = max(high, v);
  }
  lows[local.x] = low;
  highs[local.x] = high;
  bads[local.x] = bad;
  for (var half = group_size / 2u; half > 0u; half = half / 2u) {
    workgroupBarrier();
    if (local.x < half) {
      lows[local.x] = min(lows[local.x], lows[local.x + half]);
      highs[local.x] = max(highs[local.x], highs[local.x + half]);
      bads[local.x] += bads[local.x + half];
    }
  }
  if (local.x == 0u) { y[group.x] = vec4<f32>(lows[0], highs[0], bads[0], 0.0); }
}
