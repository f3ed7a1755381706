// needs: not_a_number kind_*
// The functions of two operands. Whole exponents up to 64 are computed as products, so that squares and cubes equal
// what multiplication gives; any other power of a negative base is NaN, as in C.
fn power(a: vec4<f32>, b: vec4<f32>) -> vec4<f32> {
  let whole = b == floor(b);
  let small = whole & (abs(b) <= vec4<f32>(64.0));
  var product = vec4<f32>(1.0);
  var square = a;
  var left = select(vec4<u32>(0u), vec4<u32>(clamp(abs(b), vec4<f32>(0.0), vec4<f32>(64.0))), small);
  while (any(left != vec4<u32>(0u))) {
    product = select(product, product * square, (left & vec4<u32>(1u)) == vec4<u32>(1u));
    square = square * square;
    left = left >> vec4<u32>(1u);
  }
  product = select(product, 1.0 / product, b < vec4<f32>(0.0));
  if (all(small)) { return product; }
  let negative = a < vec4<f32>(0.0);
  let size = pow(abs(a), b);
  let odd = abs(b - 2.0 * floor(b / 2.0)) == vec4<f32>(1.0);
  let real = select(select(size, -size, negative & odd), not_a_number(), negative & !whole);
  return select(real, product, small);
}

// |a| modulo |b|: each step subtracts the largest b·2^k that fits, which is exact.
fn rest(a: f32, b: f32) -> f32 {
  var left = abs(a);
  let unit = abs(b);
  if (!(unit > 0.0) || (bitcast<u32>(left) >= 0x7f800000u)) { return not_a_number().x; }
  var step = unit;
  while (step <= left * 0.5) { step = step * 2.0; }
  while (left >= unit) {
    if (left >= step) { left = left - step; }
    step = step * 0.5;
  }
  return left;
}

// `a - trunc(a / b) * b`, with the sign of a.
fn remainder(a: vec4<f32>, b: vec4<f32>) -> vec4<f32> {
  let size = vec4<f32>(rest(a.x, b.x), rest(a.y, b.y), rest(a.z, b.z), rest(a.w, b.w));
  return select(size, -size, a < vec4<f32>(0.0));
}

// `a - floor(a / b) * b`, with the sign of b.
fn modulo(a: vec4<f32>, b: vec4<f32>) -> vec4<f32> {
  let left = remainder(a, b);
  let other = (left != vec4<f32>(0.0)) & ((left < vec4<f32>(0.0)) != (b < vec4<f32>(0.0)));
  return select(left, left + b, other);
}

fn combine(kind: u32, a: vec4<f32>, b: vec4<f32>) -> vec4<f32> {
  switch (kind) {
    case kind_add: { return a + b; }
    case kind_sub: { return a - b; }
    case kind_mul: { return a * b; }
    case kind_div: { return a / b; }
    case kind_max: { return max(a, b); }
    case kind_min: { return min(a, b); }
    case kind_pow: { return power(a, b); }
    case kind_prelu: { return select(b * a, a, a >= vec4<f32>(0.0)); }
    case kind_remainder: { return remainder(a, b); }
    case kind_modulo: { return modulo(a, b); }
    default: { return a; }
  }
}

// Clamped; if both limits are float32's largest there is no limit, and NaN and infinities stay.
fn clamp_to(v: vec4<f32>, low: f32, high: f32) -> vec4<f32> {
  if (low <= -3.4028234e38 && high >= 3.4028234e38) { return v; }
  return clamp(v, vec4<f32>(low), vec4<f32>(high));
}
