// A word of weights that take four bits: even words are the low ones. As the high bits of bytes they are 16 times as
// large, and so are the sums of products.
fn w_word(at: u32) -> u32 { return (w[at / 2u] << (4u - at % 2u * 4u)) & 0xf0f0f0f0u; }

fn whole(sums: vec4<i32>) -> vec4<i32> { return sums >> vec4<u32>(4u); }
