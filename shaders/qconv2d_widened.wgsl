// What qconv2d_tiled computes, by products of floats, for devices that emulate dot products of words.
// One thread = 4 pixels × 8 output channels.
// use: bytes requantize codes_of windows weights four_pixels
override group_size: u32 = 64u;
override nibbles: u32 = 0u;
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

// Sums of 32 words of four products of bytes are at most 2^21, so floats hold them exactly, in any order; then they are
// added in int32.
const whole_words = 32u;

// Signed bytes at their positions in words, that is times 1, 2^8, 2^16 and 2^24; one column each, all exact.
fn raise(words: vec4<u32>) -> mat4x4<f32> {
  let biased = words ^ vec4<u32>(0x808080u);
  return mat4x4<f32>(
    vec4<f32>(vec4<i32>(biased & vec4<u32>(0xffu))) - 128.0,
    vec4<f32>(vec4<i32>(biased & vec4<u32>(0xff00u))) - 32768.0,
    vec4<f32>(vec4<i32>(biased & vec4<u32>(0xff0000u))) - 8388608.0,
    vec4<f32>(vec4<i32>(biased & vec4<u32>(0xff000000u))));
}

// The bytes of a word, divided by the factors of the weights that they are multiplied with.
fn lower(word: u32) -> vec4<f32> {
  let biased = word ^ 0x80808080u;
  let v = vec4<u32>(biased, biased, biased, word) & vec4<u32>(0xffu, 0xff00u, 0xff0000u, 0xff000000u);
  return (vec4<f32>(vec4<i32>(v)) - vec4<f32>(128.0, 32768.0, 8388608.0, 0.0)) *
    vec4<f32>(1.0, 0x1p-16, 0x1p-32, 0x1p-48);
}

@compute @workgroup_size(group_size)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let pixel = id.x * 4u;
  if (pixel >= params.pixels) { return; }
  let last = params.pixels - 1u;
  let p0 = corner(pixel);
  let p1 = corner(min(pixel + 1u, last));
  let p2 = corner(min(pixel + 2u, last));
  let p3 = corner(min(pixel + 3u, last));
  let block = id.y * 2u;
  var a0 = vec4<i32>(0); var a1 = a0; var a2 = a0; var a3 = a0;
  var b0 = a0; var b1 = a0; var b2 = a0; var b3 = a0;
  // As many words of each tap as a row of the window may have before its sums are added in int32. Loops test at their
  // end: where lanes are masked, as on software adapters, other loops run one round more.
  let most = max(1u, whole_words / params.kernel_x);
  let first_tap = id.y * params.kernel_y * params.kernel_x;
  var begin = 0u;
  loop {
    let end = min(begin + most, params.blocks);
    var r = 0u;
    loop {
      let dy = i32(r) * params.dilation_y;
      var f0 = vec4<f32>(0.0); var f1 = f0; var f2 = f0; var f3 = f0;
      var g0 = f0; var g1 = f0; var g2 = f0; var g3 = f0;
      var s = 0u;
      loop {
        let dx = i32(s) * params.dilation_x;
        let t0 = tap(p0, dy, dx); let i0 = u32(max(t0, 0));
        let t1 = tap(p1, dy, dx); let i1 = u32(max(t1, 0));
        let t2 = tap(p2, dy, dx); let i2 = u32(max(t2, 0));
        let t3 = tap(p3, dy, dx); let i3 = u32(max(t3, 0));
        let k = (first_tap + r * params.kernel_x + s) * params.blocks;
        var c = begin;
        loop {
          let x0 = lower(select(params.pad_word, x[i0 + c], t0 >= 0));
          let x1 = lower(select(params.pad_word, x[i1 + c], t1 >= 0));
          let x2 = lower(select(params.pad_word, x[i2 + c], t2 >= 0));
          let x3 = lower(select(params.pad_word, x[i3 + c], t3 >= 0));
          let u = raise(w_half(k + c, 0u));
          f0 += u * x0; f1 += u * x1; f2 += u * x2; f3 += u * x3;
          let v = raise(w_half(k + c, 1u));
          g0 += v * x0; g1 += v * x1; g2 += v * x2; g3 += v * x3;
          continuing {
            c += 1u;
            break if c >= end;
          }
        }
        continuing {
          s += 1u;
          break if s >= params.kernel_x;
        }
      }
      a0 += whole_of(f0); a1 += whole_of(f1); a2 += whole_of(f2); a3 += whole_of(f3);
      b0 += whole_of(g0); b1 += whole_of(g1); b2 += whole_of(g2); b3 += whole_of(g3);
      continuing {
        r += 1u;
        break if r >= params.kernel_y;
      }
    }
    continuing {
      begin = end;
      break if begin >= params.blocks;
    }
  }
  store(pixel, block, a0, a1, a2, a3);
  store(pixel, block + 1u, b0, b1, b2, b3);
}
