// Half of the words of a place in the depth, for eight channels; and what sums of products with them are.
fn w_half(place: u32, half: u32) -> vec4<u32> { return w[place * 2u + half]; }

fn whole(sums: vec4<i32>) -> vec4<i32> { return sums; }
