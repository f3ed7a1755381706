// y[Σ i·out_stride] = x[in_offset + Σ s(i − low)·in_stride] in six dimensions; s maps a place beyond the source to none
// (y = fill[0]), its reflection, the nearest (edge) or the one from the other side (wrap). One thread = one element.
// needs: Element mode_*
// use: lines
override group_size: u32 = 64u;
override mode: u32 = 0u;
struct Params {
  count: u32, dim1: i32, dim2: i32, dim3: i32, dim4: i32, dim5: i32,
  low0: i32, low1: i32, low2: i32, low3: i32, low4: i32, low5: i32,
  size0: i32, size1: i32, size2: i32, size3: i32, size4: i32, size5: i32,
  in0: i32, in1: i32, in2: i32, in3: i32, in4: i32, in5: i32, in_offset: i32,
  out0: i32, out1: i32, out2: i32, out3: i32, out4: i32, out5: i32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> x: array<Element>;
@group(0) @binding(2) var<storage, read_write> fill: array<Element>;
@group(0) @binding(3) var<storage, read_write> y: array<Element>;

// −1 if there is no source.
fn source_of(at: i32, size: i32) -> i32 {
  let period = max(select(size, 2 * size - 2, mode == mode_reflect), 1);
  let turned = (at % period + period) % period;
  switch (mode) {
    case mode_reflect: { return min(turned, period - turned); }
    case mode_edge: { return clamp(at, 0, size - 1); }
    case mode_wrap: { return turned; }
    default: { return select(-1, at, at >= 0 && at < size); }
  }
}

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
  let s0 = source_of(c0 - params.low0, params.size0);
  let s1 = source_of(c1 - params.low1, params.size1);
  let s2 = source_of(c2 - params.low2, params.size2);
  let s3 = source_of(c3 - params.low3, params.size3);
  let s4 = source_of(c4 - params.low4, params.size4);
  let s5 = source_of(c5 - params.low5, params.size5);
  var value = fill[0];
  if (min(min(min(s0, s1), min(s2, s3)), min(s4, s5)) >= 0) {
    value = x[params.in_offset + s0 * params.in0 + s1 * params.in1 + s2 * params.in2 + s3 * params.in3 +
      s4 * params.in4 + s5 * params.in5];
  }
  y[c0 * params.out0 + c1 * params.out1 + c2 * params.out2 + c3 * params.out3 + c4 * params.out4 +
    c5 * params.out5] = value;
}
