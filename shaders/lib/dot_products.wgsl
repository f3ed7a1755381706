// needs: nothing
// One word of x times the words of four output channels.
fn products(v: u32, u: vec4<u32>) -> vec4<i32> {
  return vec4<i32>(dot4I8Packed(v, u.x), dot4I8Packed(v, u.y), dot4I8Packed(v, u.z), dot4I8Packed(v, u.w));
}
