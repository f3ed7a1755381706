// needs: params.pixels params.out_blocks bias multiplier y codes_of
// The end of a convolution of codes straight from memory: four pixels of a block.
fn store(pixel: u32, block: u32, s0: vec4<i32>, s1: vec4<i32>, s2: vec4<i32>, s3: vec4<i32>) {
  if (block >= params.out_blocks) { return; }
  let added = bias[block];
  let factor = multiplier[block];
  let first = pixel * params.out_blocks + block;
  y[first] = codes_of(s0, added, factor);
  if (pixel + 1u < params.pixels) { y[first + params.out_blocks] = codes_of(s1, added, factor); }
  if (pixel + 2u < params.pixels) { y[first + 2u * params.out_blocks] = codes_of(s2, added, factor); }
  if (pixel + 3u < params.pixels) { y[first + 3u * params.out_blocks] = codes_of(s3, added, factor); }
}
