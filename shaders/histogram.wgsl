// y[k] += number of elements of x in bin k: at most 2,048 bins of width 2^e over the range of x, aligned at zero, with
// the least e that covers it (as in src/calibrate/histogram.ts). Counts in workgroup memory first. `partial` holds
// `groups` results of range.wgsl; the first workgroup writes their total to `extent`.
// use: lanes bins
override group_size: u32 = 256u;
override padded: u32 = 0u;
struct Params { quads: u32, blocks: u32, limit: u32, groups: u32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> x: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read_write> partial: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read_write> extent: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read_write> y: array<atomic<u32>>;
var<workgroup> bins: array<atomic<u32>, 2048>;

@compute @workgroup_size(group_size)
fn main(@builtin(local_invocation_id) local: vec3<u32>, @builtin(workgroup_id) group: vec3<u32>,
        @builtin(num_workgroups) groups: vec3<u32>) {
  for (var k = local.x; k < 2048u; k += group_size) { atomicStore(&bins[k], 0u); }
  var total = partial[0];
  for (var i = 1u; i < params.groups; i++) {
    let part = partial[i];
    total = vec4<f32>(min(total.x, part.x), max(total.y, part.y), total.z + part.z, 0.0);
  }
  if (group.x == 0u && local.x == 0u) { extent[0] = total; }
  workgroupBarrier();
  let low = min(total.x, 0.0);
  let inverse = inverse_width(low, max(total.y, 0.0));
  let first = i32(floor(low * inverse));
  let origin = vec4<f32>(f32(first));
  var zeros = 0u;
  for (var i = group.x * group_size + local.x; i < params.quads; i += groups.x * group_size) {
    let v = x[i];
    let exponent = bitcast<vec4<u32>>(v) & vec4<u32>(0x7f800000u);
    let inside = lanes_of(i, padded, params.blocks, params.limit);
    let zero = inside & (exponent == vec4<u32>(0u));
    let ones = select(vec4<u32>(0u), vec4<u32>(1u), zero);
    zeros += ones.x + ones.y + ones.z + ones.w;
    let counted = inside & (exponent != vec4<u32>(0u)) & (exponent != vec4<u32>(0x7f800000u));
    // A tiny negative product may underflow, but its bin is the one below zero.
    let k = floor(v * inverse);
    let bin = bin_of(select(k, min(k, vec4<f32>(-1.0)), v < vec4<f32>(0.0)) - origin);
    if (counted.x) { atomicAdd(&bins[bin.x], 1u); }
    if (counted.y) { atomicAdd(&bins[bin.y], 1u); }
    if (counted.z) { atomicAdd(&bins[bin.z], 1u); }
    if (counted.w) { atomicAdd(&bins[bin.w], 1u); }
  }
  if (zeros > 0u) { atomicAdd(&bins[-first], zeros); }
  workgroupBarrier();
  for (var k = local.x; k < 2048u; k += group_size) {
    let n = atomicLoad(&bins[k]);
    if (n > 0u) { atomicAdd(&y[k], n); }
  }
}
