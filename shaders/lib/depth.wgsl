// needs: params.blocks params.kernel_x
// Tap row, tap column and block of a place in the depth.
fn position_of(place: u32) -> vec3<u32> {
  let tap = place / params.blocks;
  return vec3<u32>(tap / params.kernel_x, tap % params.kernel_x, place % params.blocks);
}

// The position that many blocks further, without division.
fn advance(position: vec3<u32>, blocks: u32) -> vec3<u32> {
  var to = vec3<u32>(position.xy, position.z + blocks);
  while (to.z >= params.blocks) {
    to = vec3<u32>(to.x, to.y + 1u, to.z - params.blocks);
    if (to.y == params.kernel_x) { to = vec3<u32>(to.x + 1u, 0u, to.z); }
  }
  return to;
}
