// Bytes through a table into channels `first` to `first` + `channels` of y; its other bytes stay. Codes four to a word.
// One thread = one affected word of y. The table holds the bytes for −128, −127, … in one word each.
// use: bytes lines
override group_size: u32 = 64u;
struct Params { words: u32, touched: u32, first: u32, channels: u32, blocks: u32, out_blocks: u32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> x: array<u32>;
@group(0) @binding(2) var<storage, read> table: array<i32>;
@group(0) @binding(3) var<storage, read_write> y: array<u32>;

fn look_up(row: u32, out: u32, before: i32) -> i32 {
  if (out < params.first || out >= params.first + params.channels) { return before; }
  let channel = out - params.first;
  return table[places_of(x[row * params.blocks + channel / 4u])[channel % 4u]];
}

@compute @workgroup_size(group_size)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let line = line_of(id, groups, group_size);
  if (line >= params.words) { return; }
  let row = line / params.touched;
  let word = params.first / 4u + line % params.touched;
  let at = row * params.out_blocks + word;
  let c = word * 4u;
  if (c >= params.first && params.first % 4u == 0u && c + 4u <= params.first + params.channels) {
    let places = places_of(x[row * params.blocks + (c - params.first) / 4u]);
    y[at] = word_of(vec4<i32>(table[places.x], table[places.y], table[places.z], table[places.w]));
    return;
  }
  let before = bytes_of(y[at]);
  y[at] = word_of(vec4<i32>(
    look_up(row, c, before.x), look_up(row, c + 1u, before.y),
    look_up(row, c + 2u, before.z), look_up(row, c + 3u, before.w)));
}
