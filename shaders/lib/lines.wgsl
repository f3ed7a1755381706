// needs: nothing
// The linear index of an invocation in a grid that the machine may have folded into two dimensions.
fn line_of(global: vec3<u32>, groups: vec3<u32>, group_size: u32) -> u32 {
  return global.x + global.y * groups.x * group_size;
}
