// needs: params.*
// Top left of a pixel's window in the input, and its image's first row.
fn corner(pixel: u32) -> vec3<i32> {
  let row = pixel / params.out_width;
  let image = row / params.out_height;
  return vec3<i32>(
    i32(row % params.out_height) * params.stride_y - params.pad_top,
    i32(pixel % params.out_width) * params.stride_x - params.pad_left,
    i32(image * params.height));
}

// First block of the input pixel under a tap, or −1 in the padding.
fn tap(at: vec3<i32>, dy: i32, dx: i32) -> i32 {
  let iy = at.x + dy;
  let ix = at.y + dx;
  let inside = iy >= 0 && iy < i32(params.height) && ix >= 0 && ix < i32(params.width);
  return select(-1, ((at.z + iy) * i32(params.width) + ix) * i32(params.blocks), inside);
}
