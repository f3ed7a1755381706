// Tiles of four rows of an image by one word of packed codes, and where their elements stand among words of one element
// each.
struct Tile { image: u32, row: u32, end: u32, block: u32 }

// Neighbours take neighbours: rows where channels are planes, else channels.
fn tile_at(index: u32) -> Tile {
  let columns = (params.image + 3u) / 4u;
  var tile: Tile;
  if (params.stride_row == 1u) {
    tile.row = index % columns * 4u;
    tile.block = index / columns % params.blocks;
    tile.image = index / columns / params.blocks;
  } else {
    tile.block = index % params.blocks;
    tile.row = index / params.blocks % columns * 4u;
    tile.image = index / params.blocks / columns;
  }
  tile.end = min(tile.row + 4u, params.image);
  return tile;
}

fn word_at(tile: Tile, row: u32) -> u32 {
  return (tile.image * params.image + row) * params.blocks + tile.block;
}

fn at(tile: Tile, row: u32, channel: u32) -> u32 {
  return tile.image * params.stride_image + row * params.stride_row + channel * params.stride_channel;
}
