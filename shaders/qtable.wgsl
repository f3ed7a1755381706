// Bytes through a table, codes four to a word. The table holds the byte for −128, −127, … in one word each.
// One thread = eight words, `step` apart, to amortize the cost of starting a thread.
// use: bytes lines
override group_size: u32 = 64u;
struct Params { words: u32, step: u32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> x: array<u32>;
@group(0) @binding(2) var<storage, read> table: array<i32, 256>;
@group(0) @binding(3) var<storage, read_write> y: array<u32>;

@compute @workgroup_size(group_size)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  var word = line_of(id, groups, group_size);
  if (word >= params.step) { return; }
  loop {
    let places = places_of(x[word]);
    y[word] = word_of(vec4<i32>(table[places.x], table[places.y], table[places.z], table[places.w]));
    continuing {
      word += params.step;
      break if word >= params.words;
    }
  }
}
