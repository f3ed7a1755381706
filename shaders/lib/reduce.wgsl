// needs: Element kind_*
// Reductions: how a value is added, two results joined, a result finished. `shift` is the greatest value, for
// log-sum-exp.
fn neutral_of(kind: u32, first: Element) -> Element {
  switch (kind) {
    case kind_max, kind_min: { return first; }
    case kind_product: { return Element(1); }
    default: { return Element(0); }
  }
}

fn join(kind: u32, a: Element, b: Element) -> Element {
  switch (kind) {
    case kind_max: { return max(a, b); }
    case kind_min: { return min(a, b); }
    case kind_product: { return a * b; }
    default: { return a + b; }
  }
}

fn take(kind: u32, result: Element, v: Element, shift: Element) -> Element {
  switch (kind) {
    case kind_l1: { return result + abs(v); }
    case kind_l2, kind_sum_of_squares: { return result + v * v; }
    case kind_log_sum_exp: { return result + Element(exp(f32(v - shift))); }
    default: { return join(kind, result, v); }
  }
}

fn finish(kind: u32, result: Element, count: u32, shift: Element) -> Element {
  switch (kind) {
    case kind_mean: { return result / Element(count); }
    case kind_l2: { return Element(sqrt(f32(result))); }
    case kind_log_sum: { return Element(log(f32(result))); }
    case kind_log_sum_exp: { return Element(log(f32(result))) + shift; }
    default: { return result; }
  }
}

// The shift of exponents: none if the greatest value is infinite, because infinities would cancel to NaN.
fn shift_of(most: Element) -> Element {
  if (abs(f32(most)) > 3.4028234663852886e38) { return Element(0); }
  return most;
}
