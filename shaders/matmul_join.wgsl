// y = clamp(alpha · Σ parts + beta · bias): the parts of matmul_split, added in order of depth.
// parts [split][batch][rows][columns]. One thread = 4 columns of one row.
// use: lines
override group_size: u32 = 64u;
override has_bias: u32 = 0u;
struct Params {
  batch: u32, rows: u32, columns: u32, splits: u32, bias_row: u32, bias_column: u32,
  alpha: f32, beta: f32, low: f32, high: f32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> parts: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read_write> bias: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<vec4<f32>>;

fn bias_at(row: u32, column: u32) -> f32 {
  return bias[row * params.bias_row + column * params.bias_column];
}

@compute @workgroup_size(group_size)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let i = line_of(id, groups, group_size);
  let quads = params.columns / 4u;
  let count = params.batch * params.rows * quads;
  if (i >= count) { return; }
  var sum = vec4<f32>(0.0);
  for (var split = 0u; split < params.splits; split++) { sum += parts[split * count + i]; }
  var value = params.alpha * sum;
  if (has_bias == 1u) {
    let row = i / quads % params.rows;
    let c = i % quads * 4u;
    value += params.beta *
      vec4<f32>(bias_at(row, c), bias_at(row, c + 1u), bias_at(row, c + 2u), bias_at(row, c + 3u));
  }
  y[i] = clamp(value, vec4<f32>(params.low), vec4<f32>(params.high));
}
