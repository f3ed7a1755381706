// One step of an LSTM (ONNX LSTM). One thread = one unit of one sequence. Fours are gates: input, output, forget, cell.
// gates: [steps][batch][hidden]·4, the input's part with biases; weights: [hidden][hidden]·4, summed over the first;
// state, next: [h, c][batch][hidden]; y: [steps][batch][hidden]; peepholes: [input, output, forget][hidden].
// needs: kind_*
// use: lines activate
override group_size: u32 = 64u;
override f_kind: u32 = kind_sigmoid;
override g_kind: u32 = kind_tanh;
override h_kind: u32 = kind_tanh;
override has_peepholes: u32 = 0u;
override has_lengths: u32 = 0u;
override input_forget: u32 = 0u;
struct Params {
  step: u32, batch: u32, hidden: u32, clip: f32, f_alpha: f32, f_beta: f32, g_alpha: f32, g_beta: f32, h_alpha: f32,
  h_beta: f32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> gates: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> weights: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read_write> state: array<f32>;
@group(0) @binding(4) var<storage, read> peepholes: array<f32>;
@group(0) @binding(5) var<storage, read> lengths: array<i32>;
@group(0) @binding(6) var<storage, read_write> next: array<f32>;
@group(0) @binding(7) var<storage, read_write> y: array<f32>;

fn gate(sum: f32) -> f32 {
  return activate(f_kind, clamp(sum, -params.clip, params.clip), params.f_alpha, params.f_beta);
}

@compute @workgroup_size(group_size)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let at = line_of(id, groups, group_size);
  let cells = params.batch * params.hidden;
  if (at >= cells) { return; }
  let sequence = at / params.hidden;
  let unit = at % params.hidden;
  let old = state[cells + at];
  if (has_lengths == 1u && i32(params.step) >= lengths[sequence]) {
    next[at] = state[at];
    next[cells + at] = old;
    y[params.step * cells + at] = 0.0;
    return;
  }
  var sums = gates[params.step * cells + at];
  for (var k = 0u; k < params.hidden; k++) {
    sums += state[sequence * params.hidden + k] * weights[k * params.hidden + unit];
  }
  var peeps = vec3<f32>(0.0);
  if (has_peepholes == 1u) {
    peeps = vec3<f32>(peepholes[unit], peepholes[params.hidden + unit], peepholes[2u * params.hidden + unit]);
  }
  let entering = gate(sums.x + peeps.x * old);
  var kept = 1.0 - entering;
  if (input_forget == 0u) { kept = gate(sums.z + peeps.z * old); }
  let candidate = activate(g_kind, clamp(sums.w, -params.clip, params.clip), params.g_alpha, params.g_beta);
  let cell = kept * old + entering * candidate;
  let leaving = gate(sums.y + peeps.y * cell);
  // As in other runtimes, clip applies to sums; the cell may exceed it.
  let h = leaving * activate(h_kind, cell, params.h_alpha, params.h_beta);
  next[at] = h;
  next[cells + at] = cell;
  y[params.step * cells + at] = h;
}
