// The k greatest (least = 1: least) elements of each line of x: [outer][count][inner], and their places; values and
// places: [outer][k][inner]. One thread = one element: its rank is the number of elements before it, of equals
// the first; it stops at rank k. NaN is greater than all numbers.
// needs: Element
// use: lines
override group_size: u32 = 64u;
override least: u32 = 0u;
override floating: u32 = 1u;
struct Params { outer: u32, count: u32, inner: u32, k: u32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> x: array<Element>;
@group(0) @binding(2) var<storage, read_write> values: array<Element>;
@group(0) @binding(3) var<storage, read_write> places: array<i32>;

// By its bits: compilers may assume that a == a.
fn is_nan(v: Element) -> bool { return floating == 1u && (bitcast<u32>(v) & 0x7fffffffu) > 0x7f800000u; }

fn greater(a: Element, b: Element) -> bool {
  if (is_nan(a) || is_nan(b)) { return is_nan(a) && !is_nan(b); }
  return a > b;
}

@compute @workgroup_size(group_size)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let i = line_of(id, groups, group_size);
  if (i >= params.outer * params.count * params.inner) { return; }
  let place = i / params.inner % params.count;
  let outer = i / params.inner / params.count;
  let first = outer * params.count * params.inner + i % params.inner;
  let v = x[i];
  var rank = 0u;
  for (var j = 0u; j < params.count && rank < params.k; j++) {
    let other = x[first + j * params.inner];
    let before = select(greater(other, v), greater(v, other), least == 1u);
    let after = select(greater(v, other), greater(other, v), least == 1u);
    if (before || (!after && j < place)) { rank++; }
  }
  if (rank >= params.k) { return; }
  let at = (outer * params.k + rank) * params.inner + i % params.inner;
  values[at] = v;
  places[at] = i32(place);
}
