// Codes four to a word, as signed bytes → one word each: byte + offset. One thread = four rows by one word of x.
// use: bytes lines spread
override group_size: u32 = 64u;
struct Params {
  tiles: u32, lanes: u32, blocks: u32, image: u32, stride_image: u32, stride_row: u32, stride_channel: u32,
  offset: i32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> x: array<u32>;
@group(0) @binding(2) var<storage, read_write> y: array<i32>;

fn write(tile: Tile, row: u32, channel: u32, code: i32) {
  if (channel < params.lanes) { y[at(tile, row, channel)] = code; }
}

@compute @workgroup_size(group_size)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let index = line_of(id, groups, group_size);
  if (index >= params.tiles) { return; }
  let tile = tile_at(index);
  let channel = tile.block * 4u;
  var row = tile.row;
  loop {
    let codes = bytes_of(x[word_at(tile, row)]) + vec4<i32>(params.offset);
    write(tile, row, channel, codes.x);
    write(tile, row, channel + 1u, codes.y);
    write(tile, row, channel + 2u, codes.z);
    write(tile, row, channel + 3u, codes.w);
    continuing {
      row += 1u;
      break if row >= tile.end;
    }
  }
}
