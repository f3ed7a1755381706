// needs: w nibbles
// Half of the words of a place in the depth, for eight channels. If weights take four bits, the first four channels are
// the low halves of bytes; as the high bits of bytes they are 16 times as large, and so are the sums of products.
fn w_half(place: u32, half: u32) -> vec4<u32> {
  if (nibbles == 1u) { return (w[place] * (16u - half * 15u)) & vec4<u32>(0xf0f0f0f0u); }
  return w[place * 2u + half];
}
