// Four signed bytes in a word, the first one lowest. WGSL's unpack4xI8 and pack4xI8 do the same by shifts, which
// SwiftShader does lane by lane: products by powers of two cost less there, and are shifts again where those are cheap.

// The bytes where they stand, those below the highest with 128 added, so that floats hold them with their signs.
fn masked(word: u32) -> vec4<f32> {
  let biased = vec4<u32>(word ^ 0x808080u);
  return vec4<f32>(vec4<i32>(biased & vec4<u32>(0xffu, 0xff00u, 0xff0000u, 0xff000000u)));
}

const where_bytes_stand = vec4<f32>(1.0, 0x1p-8, 0x1p-16, 0x1p-24);

fn values_of(word: u32) -> vec4<f32> {
  return (masked(word) - vec4<f32>(128.0, 32768.0, 8388608.0, 0.0)) * where_bytes_stand;
}

// The bytes plus 128: places in a table. They are the lowest bits of their sums with 2^23.
fn places_of(word: u32) -> vec4<u32> {
  let raised = masked(word) * where_bytes_stand + vec4<f32>(8388608.0, 8388608.0, 8388608.0, 8388736.0);
  return bitcast<vec4<u32>>(raised) & vec4<u32>(255u);
}

fn bytes_of(word: u32) -> vec4<i32> { return vec4<i32>(places_of(word)) - vec4<i32>(128); }

// Of signed bytes, whose higher bits do not matter.
fn word_of(bytes: vec4<i32>) -> u32 {
  let b = bytes & vec4<i32>(255);
  return u32(b.x + b.y * 0x100 + b.z * 0x10000 + b.w * 0x1000000);
}

// Whole numbers to 2^22, as they stand in the lowest bits of their sums with 1.5 · 2^23, which round others to even.
fn whole_of(values: vec4<f32>) -> vec4<i32> {
  return bitcast<vec4<i32>>(values + 12582912.0) - vec4<i32>(0x4b400000);
}
