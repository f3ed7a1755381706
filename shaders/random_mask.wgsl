// y = 1 with a given probability, else 0: a hash of the element's index, of `seed`, an input, and of `stream` (pcg_hash
// of Jarzynski and Olano, Hash functions for GPU rendering, 2020). One thread = one word.
// use: lines
override group_size: u32 = 64u;
struct Params { count: u32, stream: u32, limit: f32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> seed: array<i32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

fn hash(v: u32) -> u32 {
  let state = v * 747796405u + 2891336453u;
  let word = ((state >> ((state >> 28u) + 4u)) ^ state) * 277803737u;
  return (word >> 22u) ^ word;
}

@compute @workgroup_size(group_size)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let i = line_of(id, groups, group_size);
  if (i >= params.count) { return; }
  let mixed = hash(i ^ hash(bitcast<u32>(seed[0]) ^ hash(params.stream)));
  y[i] = select(0.0, 1.0, f32(mixed >> 8u) < params.limit);
}
