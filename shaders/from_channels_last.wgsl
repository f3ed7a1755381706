// [images, pixels, channels padded to four] → [images, channels, pixels]. One thread = 4 pixels × 4 channels.
// needs: Element
// use: lines
override group_size: u32 = 64u;
struct Params { tiles: u32, pixels: u32, channels: u32, blocks: u32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> x: array<vec4<Element>>;
@group(0) @binding(2) var<storage, read_write> y: array<Element>;

@compute @workgroup_size(group_size)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let tile = line_of(id, groups, group_size);
  if (tile >= params.tiles) { return; }
  let columns = (params.pixels + 3u) / 4u;
  let first = tile % columns * 4u;
  let block = tile / columns % params.blocks;
  let image = tile / columns / params.blocks;
  let channel = block * 4u;
  let last = params.pixels - 1u;
  for (var p = 0u; p < 4u; p++) {
    let pixel = min(first + p, last);
    let v = x[(image * params.pixels + pixel) * params.blocks + block];
    let to = (image * params.channels + channel) * params.pixels + pixel;
    y[to] = v.x;
    if (channel + 1u < params.channels) { y[to + params.pixels] = v.y; }
    if (channel + 2u < params.channels) { y[to + 2u * params.pixels] = v.z; }
    if (channel + 3u < params.channels) { y[to + 3u * params.pixels] = v.w; }
  }
}
