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
  // As many words of each tap as a row of the window can have before its sums are added up. Loops end at their ends:
  // where lanes are masked, as software adapters do, others run once more than they loop.
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
          let x0 = lowered(select(params.pad_word, x[i0 + c], t0 >= 0));
          let x1 = lowered(select(params.pad_word, x[i1 + c], t1 >= 0));
          let x2 = lowered(select(params.pad_word, x[i2 + c], t2 >= 0));
          let x3 = lowered(select(params.pad_word, x[i3 + c], t3 >= 0));
          let u = w_half(k + c, 0u);
          let biased_u = u ^ vec4<u32>(0x80808080u);
          let u0 = first(biased_u); let u1 = second(biased_u); let u2 = third(biased_u); let u3 = fourth(u);
          f0 += x0.x * u0 + x0.y * u1 + (x0.z * u2 + x0.w * u3);
          f1 += x1.x * u0 + x1.y * u1 + (x1.z * u2 + x1.w * u3);
          f2 += x2.x * u0 + x2.y * u1 + (x2.z * u2 + x2.w * u3);
          f3 += x3.x * u0 + x3.y * u1 + (x3.z * u2 + x3.w * u3);
          let v = w_half(k + c, 1u);
          let biased_v = v ^ vec4<u32>(0x80808080u);
          let v0 = first(biased_v); let v1 = second(biased_v); let v2 = third(biased_v); let v3 = fourth(v);
          g0 += x0.x * v0 + x0.y * v1 + (x0.z * v2 + x0.w * v3);
          g1 += x1.x * v0 + x1.y * v1 + (x1.z * v2 + x1.w * v3);
          g2 += x2.x * v0 + x2.y * v1 + (x2.z * v2 + x2.w * v3);
          g3 += x3.x * v0 + x3.y * v1 + (x3.z * v2 + x3.w * v3);
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
