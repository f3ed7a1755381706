// needs: params.* x w tap
// What a convolution through workgroup memory fetches: quads of its input and of its weights.

// The input under a tap; zero in the padding.
fn x_at(at: vec3<i32>, position: vec3<u32>) -> vec4<f32> {
  let t = tap(at, i32(position.x) * params.dilation_y, i32(position.y) * params.dilation_x);
  return select(vec4<f32>(0.0), x[select(0u, u32(t) + position.z, t >= 0)], t >= 0);
}

// One of the eight quads of a place in the depth, for eight channels. Past both ends another quad is read but not used.
fn w_at(group: u32, place: u32, quad: u32) -> vec4<f32> {
  let depth = params.kernel_y * params.kernel_x * params.blocks;
  let last = (params.out_blocks - 1u) / 2u;
  return w[(min(group, last) * depth + min(place, depth - 1u)) * 8u + quad];
}
