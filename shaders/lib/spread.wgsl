// needs: params.image params.blocks params.stride_image params.stride_row params.stride_channel
// Tiles of four rows of an image by one word of packed codes, and the indices of their elements among words of one
// element each.
struct Tile { image: u32, row: u32, end: u32, block: u32 }

// Neighbouring threads take neighbouring elements: rows if channels are planes, else channels.
fn tile_at(index: u32) -> Tile {
  let columns = (params.image + 3u) / 4u;
  let planes = params.stride_row == 1u;
  let along = select(params.blocks, columns, planes);
  let across = select(columns, params.blocks, planes);
  let place = vec2<u32>(index % along, index / along % across);
  let row = select(place.y, place.x, planes) * 4u;
  return Tile(index / along / across, row, min(row + 4u, params.image), select(place.x, place.y, planes));
}

fn word_at(tile: Tile, row: u32) -> u32 {
  return (tile.image * params.image + row) * params.blocks + tile.block;
}

fn at(tile: Tile, row: u32, channel: u32) -> u32 {
  return tile.image * params.stride_image + row * params.stride_row + channel * params.stride_channel;
}
