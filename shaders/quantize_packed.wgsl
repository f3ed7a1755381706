// Codes of x, four to a word, as signed bytes: clamp(round(x / scale) + zero, −128, 127), where zero is the zero point,
// minus 128 for unsigned codes. One thread = four rows by one word of y.
// use: bytes lines spread quantize
override group_size: u32 = 64u;
struct Params {
  tiles: u32, lanes: u32, blocks: u32, image: u32, stride_image: u32, stride_row: u32, stride_channel: u32,
  scale: f32, zero: f32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<u32>;

fn read(tile: Tile, row: u32, channel: u32) -> f32 {
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
    let v = vec4<f32>(
      read(tile, row, channel), read(tile, row, channel + 1u),
      read(tile, row, channel + 2u), read(tile, row, channel + 3u));
    let codes = code_of(v, vec4<f32>(params.scale), vec4<f32>(params.zero), -128.0, 127.0);
    y[word_at(tile, row)] = word_of(whole_of(codes));
    continuing {
      row += 1u;
      break if row >= tile.end;
    }
  }
}
