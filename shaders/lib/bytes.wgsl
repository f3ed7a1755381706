// Four signed bytes in a word, the first one lowest. WGSL's unpack4xI8 and pack4xI8 do the same, but shift vectors, which
// SwiftShader does lane by lane.
fn bytes_of(word: u32) -> vec4<i32> {
  let w = i32(word);
  return vec4<i32>((w << 24u) >> 24u, (w << 16u) >> 24u, (w << 8u) >> 24u, w >> 24u);
}

fn word_of(bytes: vec4<i32>) -> u32 {
  let b = bytes & vec4<i32>(255);
  return u32(b.x | (b.y << 8u) | (b.z << 16u) | (b.w << 24u));
}
