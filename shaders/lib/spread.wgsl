// The address of a channel of a row among words of one element each; rows are counted through all images.
fn at(row: u32, channel: u32) -> u32 {
  return row / params.image * params.stride_image + row % params.image * params.stride_row +
    channel * params.stride_channel;
}
