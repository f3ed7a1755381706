// How convolutions of codes straight from memory end. One thread = 4 pixels × 8 output channels.
override group_size: u32 = 64u;

fn store(pixel: u32, block: u32, a: vec4<i32>, b: vec4<i32>) {
  if (pixel >= params.pixels) { return; }
  let at = pixel * params.out_blocks + block;
  y[at] = requantize(whole(a) + bias[block], multiplier[block], params.low, params.high, params.zero);
  if (block + 1u < params.out_blocks) {
    y[at + 1u] =
      requantize(whole(b) + bias[block + 1u], multiplier[block + 1u], params.low, params.high, params.zero);
  }
}
