// y = a if the condition holds, else b, with ONNX broadcasting. One thread = one element.
// A stride of 0 repeats a dimension.
// needs: Element
// use: lines axes
override group_size: u32 = 64u;
struct Params {
  count: u32, dim1: u32, dim2: u32, dim3: u32, dim4: u32, dim5: u32,
  c0: u32, c1: u32, c2: u32, c3: u32, c4: u32, c5: u32,
  a0: u32, a1: u32, a2: u32, a3: u32, a4: u32, a5: u32,
  b0: u32, b1: u32, b2: u32, b3: u32, b4: u32, b5: u32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> condition: array<i32>;
@group(0) @binding(2) var<storage, read_write> a: array<Element>;
@group(0) @binding(3) var<storage, read_write> b: array<Element>;
@group(0) @binding(4) var<storage, read_write> y: array<Element>;

@compute @workgroup_size(group_size)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let i = line_of(id, groups, group_size);
  if (i >= params.count) { return; }
  let at = coordinates(i, params.dim1, params.dim2, params.dim3, params.dim4, params.dim5);
  if (condition[offset_at(at, params.c0, params.c1, params.c2, params.c3, params.c4, params.c5)] != 0) {
    y[i] = a[offset_at(at, params.a0, params.a1, params.a2, params.a3, params.a4, params.a5)];
  } else {
    y[i] = b[offset_at(at, params.b0, params.b1, params.b2, params.b3, params.b4, params.b5)];
  }
}
