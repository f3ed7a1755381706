// shaders/lib/matrix_codes.wgsl without matrix units, for the tests: teams of 32 threads, each with four or eight sums of
// a row. A left or right matrix is where it begins: the tiles stay as they are until all teams have multiplied.
alias Left = u32;
alias Right = u32;
struct Sums { low: vec4<i32>, high: vec4<i32> }
const quads_each = matrix_sums / 128u;
var<private> lane: u32;

fn left_at(at: u32) -> Left { return at; }

fn right_at(at: u32) -> Right { return at; }

// Sums of four columns.
fn products(left: Left, right: Right, quad: u32) -> vec4<i32> {
  let row = left + quad * 4u / matrix_columns * x_line;
  let column = right + quad * 4u % matrix_columns * w_line;
  var sums = vec4<i32>(0);
  for (var word = 0u; word < matrix_depth / 4u; word++) {
    let v = x_tile[row + word];
    let at = column + word;
    sums += vec4<i32>(
      dot4I8Packed(v, w_tile[at]), dot4I8Packed(v, w_tile[at + w_line]),
      dot4I8Packed(v, w_tile[at + 2u * w_line]), dot4I8Packed(v, w_tile[at + 3u * w_line]));
  }
  return sums;
}

fn multiply_add(left: Left, right: Right, sums: Sums) -> Sums {
  let quad = lane * quads_each;
  let low = sums.low + products(left, right, quad);
  if (quads_each == 1u) { return Sums(low, sums.high); }
  return Sums(low, sums.high + products(left, right, quad + 1u));
}

fn put_quad(sums: vec4<i32>, at: u32) {
  result[at] = sums.x;
  result[at + 1u] = sums.y;
  result[at + 2u] = sums.z;
  result[at + 3u] = sums.w;
}

fn put(sums: Sums, at: u32) {
  let first = at + lane * quads_each * 4u;
  put_quad(sums.low, first);
  if (quads_each == 2u) { put_quad(sums.high, first + 4u); }
}

@compute @workgroup_size(128)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  lane = thread % 32u;
  compute(group, thread, thread / 32u);
}
