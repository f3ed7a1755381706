// y[out_offset + Σ i·out_stride] = x[in_offset + Σ (i − low)·in_stride] where 0 ≤ i − low < size, else fill.
// Six dimensions. Slice, Pad, Transpose, Expand, Concat and all layout changes are this copy. One thread = one element.
// needs: Element
// use: lines
override group_size: u32 = 64u;
struct Params {
  count: u32, dim1: i32, dim2: i32, dim3: i32, dim4: i32, dim5: i32,
  low0: i32, low1: i32, low2: i32, low3: i32, low4: i32, low5: i32,
  size0: i32, size1: i32, size2: i32, size3: i32, size4: i32, size5: i32,
  in0: i32, in1: i32, in2: i32, in3: i32, in4: i32, in5: i32, in_offset: i32,
  out0: i32, out1: i32, out2: i32, out3: i32, out4: i32, out5: i32, out_offset: i32, fill: f32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> x: array<Element>;
@group(0) @binding(2) var<storage, read_write> y: array<Element>;

@compute @workgroup_size(group_size)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let line = line_of(id, groups, group_size);
  if (line >= params.count) { return; }
  let i = i32(line);
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
  let s0 = c0 - params.low0;
  let s1 = c1 - params.low1;
  let s2 = c2 - params.low2;
  let s3 = c3 - params.low3;
  let s4 = c4 - params.low4;
  let s5 = c5 - params.low5;
  let inside = s0 >= 0 && s0 < params.size0 && s1 >= 0 && s1 < params.size1 && s2 >= 0 && s2 < params.size2 &&
    s3 >= 0 && s3 < params.size3 && s4 >= 0 && s4 < params.size4 && s5 >= 0 && s5 < params.size5;
  var value = Element(params.fill);
  if (inside) {
    value = x[params.in_offset + s0 * params.in0 + s1 * params.in1 + s2 * params.in2 + s3 * params.in3 +
      s4 * params.in4 + s5 * params.in5];
  }
  y[params.out_offset + c0 * params.out0 + c1 * params.out1 + c2 * params.out2 + c3 * params.out3 +
    c4 * params.out4 + c5 * params.out5] = value;
}
