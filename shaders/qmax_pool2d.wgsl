// The greatest code of each window, codes four to a word; padding is ignored. One thread = one word of y.
// use: bytes lines
override group_size: u32 = 64u;
struct Params {
  words: u32, height: u32, width: u32, blocks: u32, out_height: u32, out_width: u32, kernel_y: u32, kernel_x: u32,
  stride_y: i32, stride_x: i32, dilation_y: i32, dilation_x: i32, pad_top: i32, pad_left: i32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> x: array<u32>;
@group(0) @binding(2) var<storage, read_write> y: array<u32>;

@compute @workgroup_size(group_size)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let word = line_of(id, groups, group_size);
  if (word >= params.words) { return; }
  let pixel = word / params.blocks;
  let row = pixel / params.out_width;
  let top = i32(row % params.out_height) * params.stride_y - params.pad_top;
  let left = i32(pixel % params.out_width) * params.stride_x - params.pad_left;
  let image = row / params.out_height * params.height;
  // Each byte is compared as the highest of a word: the bytes below only break ties.
  var greatest = vec4<i32>(i32(0x80000000u));
  var r = 0u;
  loop {
    let iy = top + i32(r) * params.dilation_y;
    let inside = iy >= 0 && iy < i32(params.height);
    var s = 0u;
    loop {
      let ix = left + i32(s) * params.dilation_x;
      if (inside && ix >= 0 && ix < i32(params.width)) {
        let at = ((image + u32(iy)) * params.width + u32(ix)) * params.blocks + word % params.blocks;
        greatest = max(greatest, i32(x[at]) * vec4<i32>(0x1000000, 0x10000, 0x100, 1));
      }
      continuing {
        s += 1u;
        break if s >= params.kernel_x;
      }
    }
    continuing {
      r += 1u;
      break if r >= params.kernel_y;
    }
  }
  y[word] = word_of(greatest >> vec4<u32>(24u));
}
