// One step of a GRU (ONNX GRU): next = (1 − z) · candidate + z · state. One thread = one unit of one sequence.
// gates, weights: as in gru_gates; if the reset follows the product, bias: [hidden] of the candidate; else gated:
// [z, r · h][batch][hidden]. state, next: [batch][hidden]; y: [steps][batch][hidden].
// needs: kind_*
// use: lines activate
override group_size: u32 = 64u;
override f_kind: u32 = kind_sigmoid;
override g_kind: u32 = kind_tanh;
override resets_after: u32 = 0u;
override has_lengths: u32 = 0u;
struct Params {
  step: u32, batch: u32, hidden: u32, clip: f32, f_alpha: f32, f_beta: f32, g_alpha: f32, g_beta: f32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> gates: array<f32>;
@group(0) @binding(2) var<storage, read> weights: array<f32>;
@group(0) @binding(3) var<storage, read> bias: array<f32>;
@group(0) @binding(4) var<storage, read_write> state: array<f32>;
@group(0) @binding(5) var<storage, read_write> gated: array<f32>;
@group(0) @binding(6) var<storage, read> lengths: array<i32>;
@group(0) @binding(7) var<storage, read_write> next: array<f32>;
@group(0) @binding(8) var<storage, read_write> y: array<f32>;

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
  let old = state[at];
  if (has_lengths == 1u && i32(params.step) >= lengths[sequence]) {
    next[at] = old;
    y[params.step * cells + at] = 0.0;
    return;
  }
  let first = (params.step * cells + at) * 3u;
  var sums = vec3<f32>(gates[first], gates[first + 1u], 0.0);
  if (resets_after == 1u) { sums.z = bias[unit]; }
  for (var k = 0u; k < params.hidden; k++) {
    let w = (k * params.hidden + unit) * 3u;
    if (resets_after == 1u) {
      sums += state[sequence * params.hidden + k] * vec3<f32>(weights[w], weights[w + 1u], weights[w + 2u]);
    } else {
      sums.z += gated[cells + sequence * params.hidden + k] * weights[w + 2u];
    }
  }
  var z = gated[at];
  if (resets_after == 1u) {
    z = gate(sums.x);
    sums.z *= gate(sums.y);
  }
  let sum = clamp(gates[first + 2u] + sums.z, -params.clip, params.clip);
  let h = (1.0 - z) * activate(g_kind, sum, params.g_alpha, params.g_beta) + z * old;
  next[at] = h;
  y[params.step * cells + at] = h;
}
