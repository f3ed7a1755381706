// A function of two codes as a table of 65,536 bytes, codes and table four to a word. One thread = eight words of y,
// `step` apart.
// use: lines
override group_size: u32 = 64u;
struct Params { words: u32, step: u32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> a: array<u32>;
@group(0) @binding(2) var<storage, read_write> b: array<u32>;
@group(0) @binding(3) var<storage, read> table: array<u32, 16384>;
@group(0) @binding(4) var<storage, read_write> y: array<u32>;

// Bytes plus 128; two of them make an index of the table.
fn byte_at(place: u32) -> u32 {
  return (table[place / 4u] >> (place % 4u * 8u)) & 255u;
}

// The results for the low halves of two words.
fn join_half(left: u32, right: u32) -> u32 {
  return byte_at((left & 255u) * 256u + (right & 255u)) +
    byte_at((left & 0xff00u) + ((right >> 8u) & 255u)) * 0x100u;
}

@compute @workgroup_size(group_size)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  var word = line_of(id, groups, group_size);
  if (word >= params.step) { return; }
  loop {
    let left = a[word] ^ 0x80808080u;
    let right = b[word] ^ 0x80808080u;
    y[word] = join_half(left, right) + join_half(left >> 16u, right >> 16u) * 0x10000u;
    continuing {
      word += params.step;
      break if word >= params.words;
    }
  }
}
