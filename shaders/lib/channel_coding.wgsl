// needs: params.inner params.channels per_channel has_zero_point scale zero_point
// The scales and zero points of four elements from 4i on.
// If per_channel is 1, element e belongs to channel e / inner % channels.
struct Coding { scale: vec4<f32>, zero: vec4<i32> }

fn coding_of(i: u32) -> Coding {
  var coding = Coding(vec4<f32>(scale[0]), vec4<i32>(0));
  if (has_zero_point == 1u) { coding.zero = vec4<i32>(zero_point[0]); }
  if (per_channel == 1u) {
    let c = (vec4<u32>(i * 4u) + vec4<u32>(0u, 1u, 2u, 3u)) / params.inner % params.channels;
    coding.scale = vec4<f32>(scale[c.x], scale[c.y], scale[c.z], scale[c.w]);
    if (has_zero_point == 1u) {
      coding.zero = vec4<i32>(zero_point[c.x], zero_point[c.y], zero_point[c.z], zero_point[c.w]);
    }
  }
  return coding;
}
