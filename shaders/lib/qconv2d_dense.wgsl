// What convolutions of codes over all input channels bind.
struct Params {
  pixels: u32, height: u32, width: u32, blocks: u32, out_height: u32, out_width: u32, out_blocks: u32,
  kernel_y: u32, kernel_x: u32, stride_y: i32, stride_x: i32, dilation_y: i32, dilation_x: i32,
  pad_top: i32, pad_left: i32, pad_word: u32, zero: i32, low: f32, high: f32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> x: array<u32>;
@group(0) @binding(2) var<storage, read> w: array<vec4<u32>>;
@group(0) @binding(3) var<storage, read> bias: array<vec4<i32>>;
@group(0) @binding(4) var<storage, read> multiplier: array<vec4<f32>>;
@group(0) @binding(5) var<storage, read_write> y: array<u32>;
