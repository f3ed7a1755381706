// Bytes through a table, codes four to a word. The table holds the byte for −128, −127, … in words of one each.
// One thread = four words, `step` apart: what starting a thread costs would else be most of it.
// use: bytes lines
override group_size: u32 = 64u;
struct Params { words: u32, step: u32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> x: array<u32>;
@group(0) @binding(2) var<storage, read> table: array<i32, 256>;
@group(0) @binding(3) var<storage, read_write> y: array<u32>;

@compute @workgroup_size(group_size)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let first = line_of(id, groups, group_size);
  if (first >= params.step) { return; }
  for (var word = first; word < params.words; word += params.step) {
    // Signed bytes plus 128, without carries from one to the next.
    let bytes = x[word] ^ 0x80808080u;
    y[word] = word_of(vec4<i32>(
      table[bytes & 255u], table[(bytes >> 8u) & 255u], table[(bytes >> 16u) & 255u], table[bytes >> 24u]));
  }
}
