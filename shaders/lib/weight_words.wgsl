// needs: w nibbles
// A word of weights. If they take four bits, even words are the low halves of bytes; as the high bits of bytes they are
// 16 times as large, and so are the sums of products.
fn w_word(at: u32) -> u32 {
  if (nibbles == 1u) { return (w[at / 2u] << (4u - at % 2u * 4u)) & 0xf0f0f0f0u; }
  return w[at];
}
