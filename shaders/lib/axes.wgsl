// needs: nothing
// Coordinates of a row-major index in six dimensions; the first coordinate is whatever the others leave.
fn coordinates(i: u32, dim1: u32, dim2: u32, dim3: u32, dim4: u32, dim5: u32) -> array<u32, 6> {
  let i4 = i / dim5;
  let i3 = i4 / dim4;
  let i2 = i3 / dim3;
  let i1 = i2 / dim2;
  return array<u32, 6>(i1 / dim1, i1 % dim1, i2 % dim2, i3 % dim3, i4 % dim4, i % dim5);
}

fn offset_at(c: array<u32, 6>, s0: u32, s1: u32, s2: u32, s3: u32, s4: u32, s5: u32) -> u32 {
  return c[0] * s0 + c[1] * s1 + c[2] * s2 + c[3] * s3 + c[4] * s4 + c[5] * s5;
}
