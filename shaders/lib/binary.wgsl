// The two-operand functions, by number. Powers of negative bases are defined for whole exponents only, as in C.
fn power(a: vec4<f32>, b: vec4<f32>) -> vec4<f32> {
  let size = pow(abs(a), b);
  let odd = abs(b - 2.0 * floor(b / 2.0)) == vec4<f32>(1.0);
  return select(size, -size, (a < vec4<f32>(0.0)) & odd);
}

fn combine(kind: u32, a: vec4<f32>, b: vec4<f32>) -> vec4<f32> {
  switch (kind) {
    case 0u: { return a + b; }
    case 1u: { return a - b; }
    case 2u: { return a * b; }
    case 3u: { return a / b; }
    case 4u: { return max(a, b); }
    case 5u: { return min(a, b); }
    case 6u: { return power(a, b); }
    case 7u: { return select(b * a, a, a >= vec4<f32>(0.0)); }
    default: { return a; }
  }
}
