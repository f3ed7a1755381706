// needs: params.* has_bias bias y
// The end of a product of row-major matrices, four columns at a time: factors, bias, clamp.
fn bias_at(row: u32, column: u32) -> f32 {
  return bias[row * params.bias_row + column * params.bias_column];
}

fn put(batch: u32, row: u32, quad: u32, sums: vec4<f32>) {
  let quads = params.columns / 4u;
  if (row >= params.rows || quad >= quads) { return; }
  var value = params.alpha * sums;
  if (has_bias == 1u) {
    let c = quad * 4u;
    value += params.beta *
      vec4<f32>(bias_at(row, c), bias_at(row, c + 1u), bias_at(row, c + 2u), bias_at(row, c + 3u));
  }
  y[(batch * params.rows + row) * quads + quad] = clamp(value, vec4<f32>(params.low), vec4<f32>(params.high));
}
