// One step of Adam (arXiv 1412.6980): moments of the gradient, then w − rate · m̂ / (√v̂ + epsilon), four at a time.
// schedule: the rate, 1 / (1 − beta1^t), 1 / (1 − beta2^t).
// use: lines
override group_size: u32 = 64u;
struct Params { quads: u32, beta1: f32, beta2: f32, epsilon: f32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> w: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read_write> gradient: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read_write> mean: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read_write> square: array<vec4<f32>>;
@group(0) @binding(5) var<storage, read_write> schedule: array<f32>;
@group(0) @binding(6) var<storage, read_write> y: array<vec4<f32>>;
@group(0) @binding(7) var<storage, read_write> next_mean: array<vec4<f32>>;
@group(0) @binding(8) var<storage, read_write> next_square: array<vec4<f32>>;

@compute @workgroup_size(group_size)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let i = line_of(id, groups, group_size);
  if (i >= params.quads) { return; }
  let g = gradient[i];
  let m = mean[i] + (1.0 - params.beta1) * (g - mean[i]);
  let v = square[i] + (1.0 - params.beta2) * (g * g - square[i]);
  next_mean[i] = m;
  next_square[i] = v;
  y[i] = w[i] - schedule[0] * (m * schedule[1]) / (sqrt(v * schedule[2]) + params.epsilon);
}
