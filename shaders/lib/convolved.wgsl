// needs: params.* has_bias has_residual bias residual y
// The end of a convolution: adds bias and residual (a value of the same shape), then clamps. Channels last in blocks of
// four.
fn bias_at(block: u32) -> vec4<f32> {
  let last = params.out_channels - 1u;
  let c = block * 4u;
  if (has_bias == 0u) { return vec4<f32>(0.0); }
  let inside = vec4<bool>(c <= last, c + 1u <= last, c + 2u <= last, c + 3u <= last);
  let b = vec4<f32>(bias[min(c, last)], bias[min(c + 1u, last)], bias[min(c + 2u, last)], bias[min(c + 3u, last)]);
  return select(vec4<f32>(0.0), b, inside);
}

fn store(pixel: u32, block: u32, sums: vec4<f32>) {
  if (pixel >= params.pixels || block >= params.out_blocks) { return; }
  let at = pixel * params.out_blocks + block;
  var value = sums + bias_at(block);
  if (has_residual == 1u) { value += residual[at]; }
  y[at] = clamp(value, vec4<f32>(params.low), vec4<f32>(params.high));
}
