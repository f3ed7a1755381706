// Codes of the channel averages of each image: requantize(Σ x − zero(x) · pixels). Codes four to a word.
// One thread = one word of y.
// use: bytes lines requantize
override group_size: u32 = 64u;
struct Params { words: u32, pixels: u32, blocks: u32, offset: i32, multiplier: f32, zero: i32, low: f32, high: f32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> x: array<u32>;
@group(0) @binding(2) var<storage, read_write> y: array<u32>;

@compute @workgroup_size(group_size)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let word = line_of(id, groups, group_size);
  if (word >= params.words) { return; }
  let first = word / params.blocks * params.pixels * params.blocks + word % params.blocks;
  var sum = vec4<i32>(params.offset);
  for (var pixel = 0u; pixel < params.pixels; pixel++) { sum += bytes_of(x[first + pixel * params.blocks]); }
  y[word] = requantize(sum, vec4<f32>(params.multiplier), params.low, params.high, params.zero);
}
