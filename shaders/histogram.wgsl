// y[k] += how many of x lie in bin k: bins of width 2^e aligned at zero, at most 2,048 over the range of x, where e is
// the least exponent that covers it (src/calibrate/histogram.ts has the same rule). Workgroup-local counters first.
// Lanes from `channels` to `stride_channels` are padding and skipped. `extent` = (low, high, bad, 0).
override group_size: u32 = 256u;
struct Params { count: u32, channels: u32, stride_channels: u32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> extent: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<atomic<u32>>;
var<workgroup> bins: array<atomic<u32>, 2048>;

fn inverse_width(low: f32, high: f32) -> f32 {
  let exponent = i32(bitcast<u32>(max(-low, high)) >> 23u) - 127;
  var e = max(exponent - 11, -120);
  var inverse = bitcast<f32>(u32(127 - e) << 23u);
  while (floor(high * inverse) - floor(low * inverse) >= 2048.0) {
    e += 1;
    inverse = bitcast<f32>(u32(127 - e) << 23u);
  }
  return inverse;
}

@compute @workgroup_size(group_size)
fn main(@builtin(local_invocation_id) local: vec3<u32>, @builtin(workgroup_id) group: vec3<u32>,
        @builtin(num_workgroups) groups: vec3<u32>) {
  for (var k = local.x; k < 2048u; k += group_size) { atomicStore(&bins[k], 0u); }
  workgroupBarrier();
  let low = min(extent[0], 0.0);
  let inverse = inverse_width(low, max(extent[1], 0.0));
  let first = i32(floor(low * inverse));
  var zeros = 0u;
  for (var i = group.x * group_size + local.x; i < params.count; i += groups.x * group_size) {
    if (i % params.stride_channels >= params.channels) { continue; }
    let v = x[i];
    let exponent = bitcast<u32>(v) & 0x7f800000u;
    // Subnormal numbers count as zero: devices may flush them.
    if (exponent == 0u) { zeros += 1u; continue; }
    if (exponent == 0x7f800000u) { continue; }
    var k = i32(floor(v * inverse));
    // A tiny negative product may underflow, yet its bin is the one below zero.
    if (v < 0.0) { k = min(k, -1); }
    atomicAdd(&bins[u32(clamp(k - first, 0, 2047))], 1u);
  }
  if (zeros > 0u) { atomicAdd(&bins[u32(-first)], zeros); }
  workgroupBarrier();
  for (var k = local.x; k < 2048u; k += group_size) {
    let n = atomicLoad(&bins[k]);
    if (n > 0u) { atomicAdd(&y[k], n); }
  }
}
