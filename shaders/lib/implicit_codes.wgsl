// needs: params.* x bias multiplier y w_half codes_of
// What implicit matrix products of codes read and write.

// The word of x under a tap, or the padding word.
fn x_at(at: vec3<i32>, position: vec3<u32>) -> u32 {
  let iy = at.x + i32(position.x) * params.dilation_y;
  let ix = at.y + i32(position.y) * params.dilation_x;
  let inside = iy >= 0 && iy < i32(params.height) && ix >= 0 && ix < i32(params.width);
  let source = u32((at.z + iy) * i32(params.width) + ix) * params.blocks + position.z;
  return select(params.pad_word, x[select(0u, source, inside)], inside);
}

// Half of the words of a place in the depth, for eight channels. Past both ends others are read but not used.
fn w_at(group: u32, place: u32, half: u32) -> vec4<u32> {
  let depth = params.kernel_y * params.kernel_x * params.blocks;
  let last = (params.out_blocks - 1u) / 2u;
  return w_half(min(group, last) * depth + min(place, depth - 1u), half);
}

fn store(pixel: u32, block: u32, sums: vec4<i32>) {
  if (pixel >= params.pixels || block >= params.out_blocks) { return; }
  y[pixel * params.out_blocks + block] = codes_of(sums, bias[block], multiplier[block]);
}
