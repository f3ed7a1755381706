// needs: nothing
// The offset of an index along an axis: negative indices count from the end, all are clamped to the axis.
fn clamped_place(index: i32, size: i32, stride: i32) -> i32 {
  return clamp(select(index, index + size, index < 0), 0, max(size, 1) - 1) * stride;
}
