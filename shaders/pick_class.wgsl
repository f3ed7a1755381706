// share = weight of the target's class, loss = −x[target] · share, both 0 if the target is `ignored` or not a class.
// x: [outer][classes][inner], all others: [outer][inner]. One thread = one target.
// use: lines
override group_size: u32 = 64u;
override has_weight: u32 = 0u;
override has_ignored: u32 = 0u;
struct Params { outer: u32, classes: u32, inner: u32, ignored: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> target_class: array<i32>;
@group(0) @binding(3) var<storage, read> weight: array<f32>;
@group(0) @binding(4) var<storage, read_write> loss: array<f32>;
@group(0) @binding(5) var<storage, read_write> share: array<f32>;

@compute @workgroup_size(group_size)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let i = line_of(id, groups, group_size);
  if (i >= params.outer * params.inner) { return; }
  let c = target_class[i];
  let ignored = has_ignored == 1u && c == params.ignored;
  if (c < 0 || c >= i32(params.classes) || ignored) {
    loss[i] = 0.0;
    share[i] = 0.0;
    return;
  }
  var part = 1.0;
  if (has_weight == 1u) { part = weight[c]; }
  loss[i] = -x[(i / params.inner * params.classes + u32(c)) * params.inner + i % params.inner] * part;
  share[i] = part;
}
