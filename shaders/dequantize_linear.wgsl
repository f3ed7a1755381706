// y = (x − zero_point) · scale, codes as i32, four at a time (ONNX DequantizeLinear).
// use: lines channel_coding
override group_size: u32 = 64u;
override per_channel: u32 = 0u;
override has_zero_point: u32 = 0u;
struct Params { quads: u32, inner: u32, channels: u32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> x: array<vec4<i32>>;
@group(0) @binding(2) var<storage, read> scale: array<f32>;
@group(0) @binding(3) var<storage, read> zero_point: array<i32>;
@group(0) @binding(4) var<storage, read_write> y: array<vec4<f32>>;

@compute @workgroup_size(group_size)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let i = line_of(id, groups, group_size);
  if (i >= params.quads) { return; }
  let coding = coding_of(i);
  let s = coding.scale;
  let z = coding.zero;
  y[i] = vec4<f32>(x[i] - z) * s;
}
