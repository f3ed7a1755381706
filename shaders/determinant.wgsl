// y = determinant of each matrix, by elimination with row exchanges in `work`, which is left in echelon form.
// x, work: [matrices][size][size]. One thread = one matrix.
// use: lines
override group_size: u32 = 64u;
struct Params { matrices: u32, size: u32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> work: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(group_size)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let matrix = line_of(id, groups, group_size);
  if (matrix >= params.matrices) { return; }
  let size = params.size;
  let first = matrix * size * size;
  for (var i = 0u; i < size * size; i++) { work[first + i] = x[first + i]; }
  var result = 1.0;
  for (var step = 0u; step < size; step++) {
    var best = step;
    for (var r = step + 1u; r < size; r++) {
      if (abs(work[first + r * size + step]) > abs(work[first + best * size + step])) { best = r; }
    }
    if (best != step) {
      for (var c = 0u; c < size; c++) {
        let held = work[first + step * size + c];
        work[first + step * size + c] = work[first + best * size + c];
        work[first + best * size + c] = held;
      }
      result = -result;
    }
    let pivot = work[first + step * size + step];
    result *= pivot;
    if (pivot == 0.0) { break; }
    for (var r = step + 1u; r < size; r++) {
      let factor = work[first + r * size + step] / pivot;
      for (var c = step; c < size; c++) { work[first + r * size + c] -= factor * work[first + step * size + c]; }
    }
  }
  y[matrix] = result;
}
