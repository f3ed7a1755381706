// y[i] = x[i with its coordinate along one axis replaced by indices[i]], up to six dimensions. One thread = one i.
// `in…` are the strides of x, 0 for that axis; `size` and `stride` are those of that axis.
// needs: Element
// use: lines clamped_place
override group_size: u32 = 64u;
struct Params {
  count: u32, dim1: u32, dim2: u32, dim3: u32, dim4: u32, dim5: u32,
  in0: u32, in1: u32, in2: u32, in3: u32, in4: u32, in5: u32, size: i32, stride: i32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> x: array<Element>;
@group(0) @binding(2) var<storage, read_write> indices: array<i32>;
@group(0) @binding(3) var<storage, read_write> y: array<Element>;

@compute @workgroup_size(group_size)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let i = line_of(id, groups, group_size);
  if (i >= params.count) { return; }
  let c5 = i % params.dim5;
  var rest = i / params.dim5;
  let c4 = rest % params.dim4;
  rest = rest / params.dim4;
  let c3 = rest % params.dim3;
  rest = rest / params.dim3;
  let c2 = rest % params.dim2;
  rest = rest / params.dim2;
  let c1 = rest % params.dim1;
  let c0 = rest / params.dim1;
  let others = c0 * params.in0 + c1 * params.in1 + c2 * params.in2 + c3 * params.in3 + c4 * params.in4 +
    c5 * params.in5;
  y[i] = x[others + u32(clamped_place(indices[i], params.size, params.stride))];
}
