// y = x as another type. One thread = one element, as a word. Floats are truncated and clamped to 32-bit integers,
// integers keep the lowest `bits`, half types are rounded half to even and stored as float32.
// needs: from_type_* to_type_*
// use: lines integer
override group_size: u32 = 64u;
override from_type: u32 = 0u;
override to_type: u32 = 0u;
override bits: u32 = 32u;
struct Params { count: u32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> x: array<u32>;
@group(0) @binding(2) var<storage, read_write> y: array<u32>;

// A float32's bits without the last `cut`, rounded half to even; a carry into the exponent is correct.
fn round_bits(word: u32, cut: u32) -> u32 {
  let half = (1u << (cut - 1u)) - 1u;
  return ((word + half + ((word >> cut) & 1u)) >> cut) << cut;
}

fn half_of(word: u32) -> u32 {
  let size = word & 0x7fffffffu;
  let sign = word & 0x80000000u;
  // Below 2^−14 all halves are multiples of 2^−24.
  if (size < 0x38800000u) {
    return sign | bitcast<u32>(round(bitcast<f32>(size) * 16777216.0) / 16777216.0);
  }
  let whole = round_bits(size, 13u);
  return sign | select(whole, 0x7f800000u, whole >= 0x47800000u);
}

// The nearest float: WGSL may round a conversion of more than 24 bits either way, but not one sum of exact parts.
fn nearest(size: u32) -> f32 {
  return f32(size >> 16u) * 65536.0 + f32(size & 0xffffu);
}

fn float_of(word: u32) -> u32 {
  var result = word;
  if (from_type == from_type_signed) {
    let v = bitcast<i32>(word);
    let size = nearest(bitcast<u32>(abs(v)));
    result = bitcast<u32>(select(size, -size, v < 0));
  }
  if (from_type == from_type_unsigned) { result = bitcast<u32>(nearest(word)); }
  if ((result & 0x7fffffffu) >= 0x7f800000u) { return result; }
  if (to_type == to_type_float16) { return half_of(result); }
  if (to_type == to_type_bfloat16) { return round_bits(result, 16u); }
  return result;
}

fn whole_of(word: u32) -> u32 {
  if (from_type != from_type_float) { return word; }
  if ((word & 0x7fffffffu) > 0x7f800000u) { return 0u; }
  let v = bitcast<f32>(word);
  if (v <= -2147483648.0) { return 0x80000000u; }
  if (v < 2147483648.0) { return bitcast<u32>(i32(v)); }
  if (to_type == to_type_signed) { return 0x7fffffffu; }
  if (v < 4294967296.0) { return u32(v); }
  return 0xffffffffu;
}

fn convert(word: u32) -> u32 {
  switch (to_type) {
    case to_type_bool: { return select(0u, 1u, word != 0u && !(from_type == from_type_float && word == 0x80000000u)); }
    case to_type_signed: { return bitcast<u32>(narrow(bitcast<i32>(whole_of(word)), bits, 0u)); }
    case to_type_unsigned: { return bitcast<u32>(narrow(bitcast<i32>(whole_of(word)), bits, 1u)); }
    default: { return float_of(word); }
  }
}

@compute @workgroup_size(group_size)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let i = line_of(id, groups, group_size);
  if (i < params.count) { y[i] = convert(x[i]); }
}
