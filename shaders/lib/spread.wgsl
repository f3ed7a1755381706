// The address of a channel of a row among words of one element each; rows are counted through all images.
fn spread_of(row: u32, channel: u32, image: u32, stride_image: u32, stride_row: u32, stride_channel: u32) -> u32 {
  return row / image * stride_image + row % image * stride_row + channel * stride_channel;
}
