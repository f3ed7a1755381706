// needs: not_a_number
// An angle as quarter turns and a remainder, |angle| ≤ π/4 (Payne and Hanek, 1983): x · 2/π in integers, keeping the 96
// significant bits. Accurate to 2^−38 for every finite float, with nothing that a compiler could reassociate.
struct Turn { quadrant: u32, angle: f32 }

// 2/π, 32 bits at a time, after one word of zeros.
fn two_over_pi(word: u32) -> u32 {
  switch (word) {
    case 1u: { return 0xa2f9836eu; }
    case 2u: { return 0x4e441529u; }
    case 3u: { return 0xfc2757d1u; }
    case 4u: { return 0xf534ddc0u; }
    case 5u: { return 0xdb629599u; }
    case 6u: { return 0x3c439041u; }
    case 7u: { return 0xfe5163abu; }
    default: { return 0u; }
  }
}

fn two_over_pi_from(bit: u32) -> u32 {
  let shift = bit & 31u;
  return (two_over_pi(bit >> 5u) << shift) | ((two_over_pi((bit >> 5u) + 1u) >> 1u) >> (31u - shift));
}

fn high_product(a: u32, b: u32) -> u32 {
  let low = (a & 0xffffu) * (b & 0xffffu);
  let first = (a >> 16u) * (b & 0xffffu) + (low >> 16u);
  let second = (a & 0xffffu) * (b >> 16u) + (first & 0xffffu);
  return (a >> 16u) * (b >> 16u) + (first >> 16u) + (second >> 16u);
}

fn turn_of(x: f32) -> Turn {
  let word = bitcast<u32>(x);
  let exponent = (word >> 23u) & 255u;
  if (abs(x) < 0.78539816) { return Turn(0u, x); }
  if (exponent == 255u) { return Turn(0u, not_a_number().x); }
  // The first bit that counts is worth two turns; those before it are whole turns.
  let first = exponent - 120u;
  let mantissa = (word & 0x7fffffu) | 0x800000u;
  let carried = high_product(mantissa, two_over_pi_from(first + 64u));
  let middle = mantissa * two_over_pi_from(first + 32u) + carried;
  let top = mantissa * two_over_pi_from(first) + high_product(mantissa, two_over_pi_from(first + 32u)) +
    select(0u, 1u, middle < carried);
  var quadrant = top >> 30u;
  var high = (top << 2u) | (middle >> 30u);
  var low = middle << 2u;
  let over = high >= 0x80000000u;
  if (over) {
    quadrant = quadrant + 1u;
    low = ~low + 1u;
    high = ~high + select(0u, 1u, low == 0u);
  }
  let zeros = min(countLeadingZeros(high), 31u);
  let fraction = (high << zeros) | ((low >> 1u) >> (31u - zeros));
  let angle = f32(fraction) * bitcast<f32>((95u - zeros) << 23u) * 1.57079633;
  if ((x < 0.0) != over) { return Turn(select(quadrant, 0u - quadrant, x < 0.0), -angle); }
  return Turn(select(quadrant, 0u - quadrant, x < 0.0), angle);
}
