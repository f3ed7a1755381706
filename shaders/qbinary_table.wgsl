// A function of two codes by its table of 65,536 bytes, codes and table four to a word. One thread = one word of y.
// use: lines
override group_size: u32 = 64u;
struct Params { words: u32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> a: array<u32>;
@group(0) @binding(2) var<storage, read_write> b: array<u32>;
@group(0) @binding(3) var<storage, read> table: array<u32>;
@group(0) @binding(4) var<storage, read_write> y: array<u32>;

@compute @workgroup_size(group_size)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let word = line_of(id, groups, group_size);
  if (word >= params.words) { return; }
  // Signed bytes plus 128, without carries from one to the next.
  let left = a[word] ^ 0x80808080u;
  let right = b[word] ^ 0x80808080u;
  var bytes = 0u;
  for (var shift = 0u; shift < 32u; shift += 8u) {
    let at = (((left >> shift) & 255u) << 8u) | ((right >> shift) & 255u);
    bytes |= ((table[at >> 2u] >> ((at & 3u) * 8u)) & 255u) << shift;
  }
  y[word] = bytes;
}
