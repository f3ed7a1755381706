// A function of two codes by its table of 65,536 bytes, codes and table four to a word. One thread =
// four words of y, `step` apart.
// use: lines
override group_size: u32 = 64u;
struct Params { words: u32, step: u32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> a: array<u32>;
@group(0) @binding(2) var<storage, read_write> b: array<u32>;
@group(0) @binding(3) var<storage, read> table: array<u32, 16384>;
@group(0) @binding(4) var<storage, read_write> y: array<u32>;

// Of bytes plus 128; two bytes make a place in the table.
fn byte_at(place: u32) -> u32 {
  return (table[place >> 2u] >> ((place & 3u) << 3u)) & 255u;
}

fn joined(left: u32, right: u32) -> u32 {
  let low = byte_at(((left << 8u) & 0xff00u) | (right & 255u));
  let second = byte_at((left & 0xff00u) | ((right >> 8u) & 255u));
  let third = byte_at(((left >> 8u) & 0xff00u) | ((right >> 16u) & 255u));
  return low | (second << 8u) | (third << 16u) | (byte_at(((left >> 16u) & 0xff00u) | (right >> 24u)) << 24u);
}

@compute @workgroup_size(group_size)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let first = line_of(id, groups, group_size);
  if (first >= params.step) { return; }
  for (var word = first; word < params.words; word += params.step) {
    y[word] = joined(a[word] ^ 0x80808080u, b[word] ^ 0x80808080u);
  }
}
