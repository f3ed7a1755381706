// The gates of a GRU whose reset precedes the product: gated = [z, r · h][batch][hidden] (ONNX GRU).
// gates: [steps][batch][hidden][z, r, h], the input's part with biases; weights: [hidden][hidden][z, r, h], summed
// over the first; state: [batch][hidden]. One thread = one unit of one sequence.
// needs: kind_*
// use: lines activate
override group_size: u32 = 64u;
override f_kind: u32 = kind_sigmoid;
struct Params { step: u32, batch: u32, hidden: u32, clip: f32, f_alpha: f32, f_beta: f32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> gates: array<f32>;
@group(0) @binding(2) var<storage, read> weights: array<f32>;
@group(0) @binding(3) var<storage, read_write> state: array<f32>;
@group(0) @binding(4) var<storage, read_write> gated: array<f32>;

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
  let first = (params.step * cells + at) * 3u;
  var sums = vec2<f32>(gates[first], gates[first + 1u]);
  for (var k = 0u; k < params.hidden; k++) {
    let w = (k * params.hidden + unit) * 3u;
    sums += state[sequence * params.hidden + k] * vec2<f32>(weights[w], weights[w + 1u]);
  }
  gated[at] = gate(sums.x);
  gated[cells + at] = gate(sums.y) * state[at];
}
