// What histogram.wgsl computes, without workgroup atomics: each of eight invocations has 2,048 private counters, two to
// a word. For devices with slow atomics; an invocation counts at most 65,532 elements. `partial` holds `groups` results
// of range.wgsl; the first workgroup writes their total to `extent`.
// use: lanes bins
override group_size: u32 = 8u;
override padded: u32 = 0u;
struct Params { quads: u32, blocks: u32, limit: u32, groups: u32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> x: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read_write> partial: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read_write> extent: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read_write> y: array<atomic<u32>>;
var<workgroup> bins: array<u32, group_size * 1024u>;
var<private> mine: array<u32, 1024>;

// Without branches: an element that does not count adds 0.
fn count(bin: vec4<u32>, counted: vec4<bool>) {
  let one = select(vec4<u32>(0u), vec4<u32>(1u) << ((bin & vec4<u32>(1u)) << vec4<u32>(4u)), counted);
  let word = bin >> vec4<u32>(1u);
  mine[word.x] += one.x;
  mine[word.y] += one.y;
  mine[word.z] += one.z;
  mine[word.w] += one.w;
}

@compute @workgroup_size(group_size)
fn main(@builtin(local_invocation_id) local: vec3<u32>, @builtin(workgroup_id) group: vec3<u32>,
        @builtin(num_workgroups) groups: vec3<u32>) {
  var total = partial[0];
  for (var i = 1u; i < params.groups; i++) {
    let part = partial[i];
    total = vec4<f32>(min(total.x, part.x), max(total.y, part.y), total.z + part.z, 0.0);
  }
  if (group.x == 0u && local.x == 0u) { extent[0] = total; }
  let low = min(total.x, 0.0);
  let high = max(total.y, 0.0);
  let inverse = inverse_width(low, high);
  let origin = vec4<f32>(floor(low * inverse));
  let words = (bin_of(floor(vec4<f32>(high) * inverse) - origin).x >> 1u) + 1u;
  for (var k = 0u; k < words; k++) { mine[k] = 0u; }
  let start = group.x * group_size + local.x;
  let stride = groups.x * group_size;
  // The common case of activations: nothing below zero, all finite, no padding.
  let plain = low == 0.0 && total.z == 0.0 && padded == 0u;
  let whole = select(0u, params.limit / 4u, plain);
  for (var i = start; i < whole; i += stride) { count(bin_of(floor(x[i] * inverse)), vec4<bool>(true)); }
  for (var i = whole + start; i < params.quads; i += stride) {
    let exponent = bitcast<vec4<u32>>(x[i]) & vec4<u32>(0x7f800000u);
    let v = select(x[i], vec4<f32>(0.0), exponent == vec4<u32>(0u));
    // A tiny negative product may underflow, but its bin is the one below zero.
    let k = select(floor(v * inverse), min(floor(v * inverse), vec4<f32>(-1.0)), v < vec4<f32>(0.0));
    count(bin_of(k - origin), lanes_of(i, padded, params.blocks, params.limit) & (exponent != vec4<u32>(0x7f800000u)));
  }
  let own = local.x * 1024u;
  for (var k = 0u; k < words; k++) { bins[own + k] = mine[k]; }
  workgroupBarrier();
  for (var k = local.x; k < words; k += group_size) {
    var low_half = 0u;
    var high_half = 0u;
    for (var lane = 0u; lane < group_size; lane++) {
      let word = bins[lane * 1024u + k];
      low_half += word & 0xffffu;
      high_half += word >> 16u;
    }
    if (low_half > 0u) { atomicAdd(&y[k * 2u], low_half); }
    if (high_half > 0u) { atomicAdd(&y[k * 2u + 1u], high_half); }
  }
}
