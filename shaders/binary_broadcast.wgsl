// y = clamp(f(a, b)) with ONNX broadcasting, up to six dimensions, row-major. One thread = one element.
// A stride of 0 repeats a dimension.
// use: lines binary
override group_size: u32 = 64u;
override kind: u32 = 0u;
struct Params {
  count: u32, dim1: u32, dim2: u32, dim3: u32, dim4: u32, dim5: u32,
  a0: u32, a1: u32, a2: u32, a3: u32, a4: u32, a5: u32,
  b0: u32, b1: u32, b2: u32, b3: u32, b4: u32, b5: u32, low: f32, high: f32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> a: array<f32>;
@group(0) @binding(2) var<storage, read_write> b: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(group_size)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let i = line_of(id, groups, group_size);
  if (i >= params.count) { return; }
  let i5 = i % params.dim5;
  var rest = i / params.dim5;
  let i4 = rest % params.dim4;
  rest = rest / params.dim4;
  let i3 = rest % params.dim3;
  rest = rest / params.dim3;
  let i2 = rest % params.dim2;
  rest = rest / params.dim2;
  let i1 = rest % params.dim1;
  let i0 = rest / params.dim1;
  let left = a[i0 * params.a0 + i1 * params.a1 + i2 * params.a2 + i3 * params.a3 + i4 * params.a4 + i5 * params.a5];
  let right = b[i0 * params.b0 + i1 * params.b1 + i2 * params.b2 + i3 * params.b3 + i4 * params.b4 + i5 * params.b5];
  y[i] = clamp(combine(kind, vec4<f32>(left), vec4<f32>(right)).x, params.low, params.high);
}
