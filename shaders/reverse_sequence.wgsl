// The first lengths[b] steps of each sequence b in reverse, the rest unchanged. One thread = one element.
// x: [batch][time][inner], or [time][batch][inner] if time_first is 1.
// needs: Element
// use: lines
override group_size: u32 = 64u;
override time_first: u32 = 0u;
struct Params { batch: u32, time: u32, inner: u32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> x: array<Element>;
@group(0) @binding(2) var<storage, read_write> lengths: array<i32>;
@group(0) @binding(3) var<storage, read_write> y: array<Element>;

@compute @workgroup_size(group_size)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let i = line_of(id, groups, group_size);
  if (i >= params.batch * params.time * params.inner) { return; }
  let row = i / params.inner;
  var sequence = row / params.time;
  var step = row % params.time;
  var stride = params.inner;
  if (time_first == 1u) {
    sequence = row % params.batch;
    step = row / params.batch;
    stride = params.inner * params.batch;
  }
  let length = u32(clamp(lengths[sequence], 0, i32(params.time)));
  let start = i - step * stride;
  let source = select(step, length - 1u - step, step < length);
  y[i] = x[start + source * stride];
}
