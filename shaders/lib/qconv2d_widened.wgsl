// Codes of x ⊛ w by products of floats, for devices that emulate dot products of words. Sums of 32 words of four
// products of bytes are at most 2^21, so floats hold them exactly, in any order; then they are added up in int32.
const whole_words = 32u;

// Signed bytes where they stand in a word: times 1, 2^8, 2^16 and 2^24, all exact. `biased` has 128 added to each.
fn first(biased: vec4<u32>) -> vec4<f32> { return vec4<f32>(vec4<i32>(biased & vec4<u32>(0xffu))) - 128.0; }
fn second(biased: vec4<u32>) -> vec4<f32> { return vec4<f32>(vec4<i32>(biased & vec4<u32>(0xff00u))) - 32768.0; }
fn third(biased: vec4<u32>) -> vec4<f32> { return vec4<f32>(vec4<i32>(biased & vec4<u32>(0xff0000u))) - 8388608.0; }
fn fourth(words: vec4<u32>) -> vec4<f32> { return vec4<f32>(vec4<i32>(words & vec4<u32>(0xff000000u))); }

// The bytes of a word, divided by where those that they meet stand.
fn lowered(word: u32) -> vec4<f32> {
  let biased = word ^ 0x80808080u;
  let v = vec4<u32>(biased, biased, biased, word) & vec4<u32>(0xffu, 0xff00u, 0xff0000u, 0xff000000u);
  return (vec4<f32>(vec4<i32>(v)) - vec4<f32>(128.0, 32768.0, 8388608.0, 0.0)) *
    vec4<f32>(1.0, 0x1p-16, 0x1p-32, 0x1p-48);
}

// Of whole numbers below 2^22: their bits beside those of 1.5 · 2^23.
fn whole_of(sums: vec4<f32>) -> vec4<i32> {
  return bitcast<vec4<i32>>(sums + 12582912.0) - vec4<i32>(0x4b400000);
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
  var f0 = vec4<f32>(0.0); var f1 = f0; var f2 = f0; var f3 = f0;
  var g0 = f0; var g1 = f0; var g2 = f0; var g3 = f0;
  var left = whole_words;
  var k = id.y * params.kernel_y * params.kernel_x * params.blocks;
  for (var r = 0u; r < params.kernel_y; r++) {
    let dy = i32(r) * params.dilation_y;
    for (var s = 0u; s < params.kernel_x; s++) {
      let dx = i32(s) * params.dilation_x;
      let t0 = tap(p0, dy, dx); let i0 = u32(max(t0, 0));
      let t1 = tap(p1, dy, dx); let i1 = u32(max(t1, 0));
      let t2 = tap(p2, dy, dx); let i2 = u32(max(t2, 0));
      let t3 = tap(p3, dy, dx); let i3 = u32(max(t3, 0));
      for (var c = 0u; c < params.blocks; c++) {
        let x0 = lowered(select(params.pad_word, x[i0 + c], t0 >= 0));
        let x1 = lowered(select(params.pad_word, x[i1 + c], t1 >= 0));
        let x2 = lowered(select(params.pad_word, x[i2 + c], t2 >= 0));
        let x3 = lowered(select(params.pad_word, x[i3 + c], t3 >= 0));
        let u = w_half(k, 0u);
        var biased: vec4<u32>;
        var t: vec4<f32>;
        biased = u ^ vec4<u32>(0x80808080u);
        t = first(biased);
        f0 += x0.x * t; f1 += x1.x * t; f2 += x2.x * t; f3 += x3.x * t;
        t = second(biased);
        f0 += x0.y * t; f1 += x1.y * t; f2 += x2.y * t; f3 += x3.y * t;
        t = third(biased);
        f0 += x0.z * t; f1 += x1.z * t; f2 += x2.z * t; f3 += x3.z * t;
        t = fourth(u);
        f0 += x0.w * t; f1 += x1.w * t; f2 += x2.w * t; f3 += x3.w * t;
        let v = w_half(k, 1u);
        biased = v ^ vec4<u32>(0x80808080u);
        t = first(biased);
        g0 += x0.x * t; g1 += x1.x * t; g2 += x2.x * t; g3 += x3.x * t;
        t = second(biased);
        g0 += x0.y * t; g1 += x1.y * t; g2 += x2.y * t; g3 += x3.y * t;
        t = third(biased);
        g0 += x0.z * t; g1 += x1.z * t; g2 += x2.z * t; g3 += x3.z * t;
        t = fourth(v);
        g0 += x0.w * t; g1 += x1.w * t; g2 += x2.w * t; g3 += x3.w * t;
        k += 1u;
        left -= 1u;
        if (left == 0u) {
          a0 += whole_of(f0); a1 += whole_of(f1); a2 += whole_of(f2); a3 += whole_of(f3);
          b0 += whole_of(g0); b1 += whole_of(g1); b2 += whole_of(g2); b3 += whole_of(g3);
          f0 = vec4<f32>(0.0); f1 = f0; f2 = f0; f3 = f0; g0 = f0; g1 = f0; g2 = f0; g3 = f0;
          left = whole_words;
        }
      }
    }
  }
  a0 += whole_of(f0); a1 += whole_of(f1); a2 += whole_of(f2); a3 += whole_of(f3);
  b0 += whole_of(g0); b1 += whole_of(g1); b2 += whole_of(g2); b3 += whole_of(g3);
  store(pixel, block, a0, b0);
  store(pixel + 1u, block, a1, b1);
  store(pixel + 2u, block, a2, b2);
  store(pixel + 3u, block, a3, b3);
}
