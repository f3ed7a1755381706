// One step of a simple recurrent layer (ONNX RNN). One thread = one unit of one sequence.
// gates: [steps][batch][hidden], the input's part with biases; weights: [hidden][hidden], summed over the first;
// state, next: [batch][hidden]; y: [steps][batch][hidden].
// needs: kind_*
// use: lines activate
override group_size: u32 = 64u;
override f_kind: u32 = kind_tanh;
override has_lengths: u32 = 0u;
struct Params { step: u32, batch: u32, hidden: u32, clip: f32, f_alpha: f32, f_beta: f32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> gates: array<f32>;
@group(0) @binding(2) var<storage, read> weights: array<f32>;
@group(0) @binding(3) var<storage, read_write> state: array<f32>;
@group(0) @binding(4) var<storage, read> lengths: array<i32>;
@group(0) @binding(5) var<storage, read_write> next: array<f32>;
@group(0) @binding(6) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(group_size)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let at = line_of(id, groups, group_size);
  let cells = params.batch * params.hidden;
  if (at >= cells) { return; }
  let sequence = at / params.hidden;
  let unit = at % params.hidden;
  if (has_lengths == 1u && i32(params.step) >= lengths[sequence]) {
    next[at] = state[at];
    y[params.step * cells + at] = 0.0;
    return;
  }
  var sum = gates[params.step * cells + at];
  for (var k = 0u; k < params.hidden; k++) {
    sum += state[sequence * params.hidden + k] * weights[k * params.hidden + unit];
  }
  let h = activate(f_kind, clamp(sum, -params.clip, params.clip), params.f_alpha, params.f_beta);
  next[at] = h;
  y[params.step * cells + at] = h;
}
