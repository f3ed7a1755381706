// needs: nothing
// A 32-bit result as its type holds it: the lowest `bits`, with or without a sign.
fn narrow(v: i32, bits: u32, unsigned: u32) -> i32 {
  if (bits >= 32u) { return v; }
  let shift = 32u - bits;
  if (unsigned == 1u) { return bitcast<i32>((bitcast<u32>(v) << shift) >> shift); }
  return (v << shift) >> shift;
}
