// Codes of one word each → four to a word, as signed bytes: code − offset. One thread = four rows by one word of y.
// use: bytes lines spread
override group_size: u32 = 64u;
struct Params {
  tiles: u32, lanes: u32, blocks: u32, image: u32, stride_image: u32, stride_row: u32, stride_channel: u32,
  offset: i32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> x: array<i32>;
@group(0) @binding(2) var<storage, read_write> y: array<u32>;

fn read(tile: Tile, row: u32, channel: u32) -> i32 {
  return x[at(tile, row, min(channel, params.lanes - 1u))];
}

@compute @workgroup_size(group_size)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let index = line_of(id, groups, group_size);
  if (index >= params.tiles) { return; }
  let tile = tile_at(index);
  let channel = tile.block * 4u;
  var row = tile.row;
  loop {
    let codes = vec4<i32>(
      read(tile, row, channel), read(tile, row, channel + 1u),
      read(tile, row, channel + 2u), read(tile, row, channel + 3u));
    y[word_at(tile, row)] = word_of(codes - vec4<i32>(params.offset));
    continuing {
      row += 1u;
      break if row >= tile.end;
    }
  }
}
