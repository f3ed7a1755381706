// y = f(a, b) of integers of any width, modulo 2^bits, with ONNX broadcasting. One thread = one element.
// `kind` selects f; a stride of 0 repeats a dimension.
// needs: kind_*
// use: lines axes integer
override group_size: u32 = 64u;
override kind: u32 = 0u;
override bits: u32 = 32u;
override unsigned: u32 = 0u;
struct Params {
  count: u32, dim1: u32, dim2: u32, dim3: u32, dim4: u32, dim5: u32,
  a0: u32, a1: u32, a2: u32, a3: u32, a4: u32, a5: u32,
  b0: u32, b1: u32, b2: u32, b3: u32, b4: u32, b5: u32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> a: array<i32>;
@group(0) @binding(2) var<storage, read_write> b: array<i32>;
@group(0) @binding(3) var<storage, read_write> y: array<i32>;

fn less(l: i32, r: i32) -> bool {
  if (unsigned == 1u) { return bitcast<u32>(l) < bitcast<u32>(r); }
  return l < r;
}

// Truncated; division by zero gives WGSL's result.
fn quotient(l: i32, r: i32) -> i32 {
  if (unsigned == 1u) { return bitcast<i32>(bitcast<u32>(l) / bitcast<u32>(r)); }
  return l / r;
}

fn remainder(l: i32, r: i32) -> i32 {
  if (unsigned == 1u) { return bitcast<i32>(bitcast<u32>(l) % bitcast<u32>(r)); }
  return l % r;
}

// With the sign of the divisor.
fn modulo(l: i32, r: i32) -> i32 {
  let left = remainder(l, r);
  if (unsigned == 0u && left != 0 && (left < 0) != (r < 0)) { return left + r; }
  return left;
}

// Negative exponents give 0 except for the bases 1 and −1.
fn power(l: i32, r: i32) -> i32 {
  if (r < 0 && l != 1 && l != -1) { return 0; }
  var product = 1;
  var square = l;
  var left = bitcast<u32>(abs(r));
  while (left != 0u) {
    if ((left & 1u) == 1u) { product = product * square; }
    square = square * square;
    left = left >> 1u;
  }
  return product;
}

// Amounts beyond the type's bits leave only the sign (ONNX BitShift-28).
fn shift_right(l: i32, r: i32) -> i32 {
  let amount = min(bitcast<u32>(r), 31u);
  if (unsigned == 0u) { return l >> amount; }
  return select(bitcast<i32>(bitcast<u32>(l) >> amount), 0, bitcast<u32>(r) >= bits);
}

fn combine(l: i32, r: i32) -> i32 {
  switch (kind) {
    case kind_add: { return l + r; }
    case kind_sub: { return l - r; }
    case kind_mul: { return l * r; }
    case kind_div: { return quotient(l, r); }
    case kind_max: { return select(l, r, less(l, r)); }
    case kind_min: { return select(r, l, less(l, r)); }
    case kind_pow: { return power(l, r); }
    case kind_prelu: { return select(l, l * r, unsigned == 0u && l < 0); }
    case kind_remainder: { return remainder(l, r); }
    case kind_modulo: { return modulo(l, r); }
    case kind_and: { return l & r; }
    case kind_or: { return l | r; }
    case kind_xor: { return l ^ r; }
    case kind_shift_left: { return select(l << (bitcast<u32>(r) & 31u), 0, bitcast<u32>(r) >= bits); }
    case kind_shift_right: { return shift_right(l, r); }
    default: { return l; }
  }
}

@compute @workgroup_size(group_size)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let i = line_of(id, groups, group_size);
  if (i >= params.count) { return; }
  let at = coordinates(i, params.dim1, params.dim2, params.dim3, params.dim4, params.dim5);
  let left = a[offset_at(at, params.a0, params.a1, params.a2, params.a3, params.a4, params.a5)];
  let right = b[offset_at(at, params.b0, params.b1, params.b2, params.b3, params.b4, params.b5)];
  y[i] = narrow(combine(left, right), bits, unsigned);
}
