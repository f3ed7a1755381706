// needs: nothing
// Four signed bytes in a word, the first one lowest. WGSL's unpack4xI8 and pack4xI8 do the same by shifts, which
// SwiftShader does lane by lane: products by powers of two cost less there, and other compilers make shifts of them.

// The bytes in place, the lower three with 128 added, so that each converts to a float with its sign.
fn mask_bytes(word: u32) -> vec4<f32> {
  let biased = vec4<u32>(word ^ 0x808080u);
  return vec4<f32>(vec4<i32>(biased & vec4<u32>(0xffu, 0xff00u, 0xff0000u, 0xff000000u)));
}

const byte_weights = vec4<f32>(1.0, 0x1p-8, 0x1p-16, 0x1p-24);

fn values_of(word: u32) -> vec4<f32> {
  return (mask_bytes(word) - vec4<f32>(128.0, 32768.0, 8388608.0, 0.0)) * byte_weights;
}

// The bytes plus 128, as indices of a table: the lowest bits of their sums with 2^23.
fn places_of(word: u32) -> vec4<u32> {
  let raised = mask_bytes(word) * byte_weights + vec4<f32>(8388608.0, 8388608.0, 8388608.0, 8388736.0);
  return bitcast<vec4<u32>>(raised) & vec4<u32>(255u);
}

fn bytes_of(word: u32) -> vec4<i32> { return vec4<i32>(places_of(word)) - vec4<i32>(128); }

// The word of four signed bytes; higher bits of each are ignored.
fn word_of(bytes: vec4<i32>) -> u32 {
  let b = bytes & vec4<i32>(255);
  return u32(b.x + b.y * 0x100 + b.z * 0x10000 + b.w * 0x1000000);
}

// Rounds half to even, for magnitudes up to 2^22: the integer is in the lowest bits of the sum with 1.5 · 2^23.
fn whole_of(values: vec4<f32>) -> vec4<i32> {
  return bitcast<vec4<i32>>(values + 12582912.0) - vec4<i32>(0x4b400000);
}
