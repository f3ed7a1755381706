// Reductions by number (src/kernels/reduce.ts has the list): how a value is taken up, two results joined, one finished.
// `shift` is the greatest value, for the one reduction that needs it.
fn neutral_of(kind: u32, first: Element) -> Element {
  switch (kind) {
    case 2u, 3u: { return first; }
    case 4u: { return Element(1); }
    default: { return Element(0); }
  }
}

fn join(kind: u32, a: Element, b: Element) -> Element {
  switch (kind) {
    case 2u: { return max(a, b); }
    case 3u: { return min(a, b); }
    case 4u: { return a * b; }
    default: { return a + b; }
  }
}

fn take(kind: u32, result: Element, v: Element, shift: Element) -> Element {
  switch (kind) {
    case 5u: { return result + abs(v); }
    case 6u, 7u: { return result + v * v; }
    case 9u: { return result + Element(exp(f32(v - shift))); }
    default: { return join(kind, result, v); }
  }
}

fn finished(kind: u32, result: Element, count: u32, shift: Element) -> Element {
  switch (kind) {
    case 1u: { return result / Element(count); }
    case 6u: { return Element(sqrt(f32(result))); }
    case 8u: { return Element(log(f32(result))); }
    case 9u: { return Element(log(f32(result))) + shift; }
    default: { return result; }
  }
}

// What exponents are taken relative to: infinities shift nothing, they would cancel to no number.
fn shift_of(most: Element) -> Element {
  if (abs(f32(most)) > 3.4028234663852886e38) { return Element(0); }
  return most;
}
