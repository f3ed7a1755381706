// A word of weights, and what sums of products with them are.
fn w_word(at: u32) -> u32 { return w[at]; }

fn whole(sums: vec4<i32>) -> vec4<i32> { return sums; }
