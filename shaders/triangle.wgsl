// x on and above (upper = 1) or below the diagonal that is `shift` to the right of the main one; 0 elsewhere.
// x: matrices [rows][columns], one after another. One thread = one element.
// needs: Element
// use: lines
override group_size: u32 = 64u;
override upper: u32 = 1u;
struct Params { count: u32, rows: u32, columns: u32, shift: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> x: array<Element>;
@group(0) @binding(2) var<storage, read_write> y: array<Element>;

@compute @workgroup_size(group_size)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let i = line_of(id, groups, group_size);
  if (i >= params.count) { return; }
  let row = i / params.columns;
  let right = i32(i % params.columns) - i32(row % params.rows);
  y[i] = select(Element(0), x[i], select(right <= params.shift, right >= params.shift, upper == 1u));
}
