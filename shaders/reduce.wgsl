// y = reduction of x along one axis. One thread = one result. x: [outer][count][inner], y: [outer][inner].
// kind 0: sum, 1: mean, 2: max, 3: min, 4: product, 5: Σ|x|, 6: √Σx², 7: Σx².
// use: lines
override group_size: u32 = 64u;
override kind: u32 = 0u;
struct Params { outer: u32, count: u32, inner: u32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(group_size)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let line = line_of(id, groups, group_size);
  if (line >= params.outer * params.inner) { return; }
  let first = line / params.inner * params.count * params.inner + line % params.inner;
  var result = 0.0;
  if (kind == 2u || kind == 3u) { result = x[first]; }
  if (kind == 4u) { result = 1.0; }
  for (var k = 0u; k < params.count; k++) {
    let v = x[first + k * params.inner];
    switch (kind) {
      case 2u: { result = max(result, v); }
      case 3u: { result = min(result, v); }
      case 4u: { result *= v; }
      case 5u: { result += abs(v); }
      case 6u, 7u: { result += v * v; }
      default: { result += v; }
    }
  }
  if (kind == 1u) { result = result / f32(params.count); }
  if (kind == 6u) { result = sqrt(result); }
  y[line] = result;
}
