// PyTorch's layer types, as in configuration files of the Vitis AI quantizer, and their ONNX operators. A type that is
// not listed is an ONNX operator.
const onnxTypes: Readonly<Record<string, readonly string[]>> = {
  Linear: ["Gemm", "MatMul"],
  matmul: ["MatMul"],
  bmm: ["MatMul"],
  ReLU: ["Relu"],
  ReLU6: ["Clip"],
  Hardtanh: ["Clip"],
  LeakyReLU: ["LeakyRelu"],
  PReLU: ["PRelu"],
  GELU: ["Gelu"],
  Hardswish: ["HardSwish"],
  Hardsigmoid: ["HardSigmoid"],
  AdaptiveAvgPool2d: ["GlobalAveragePool", "AveragePool"],
  LayerNorm: ["LayerNormalization"],
  GroupNorm: ["GroupNormalization"],
  Upsample: ["Resize"],
  ...perRank("Conv", "Conv"),
  ...perRank("ConvTranspose", "ConvTranspose"),
  ...perRank("MaxPool", "MaxPool"),
  ...perRank("AvgPool", "AveragePool"),
  ...perRank("BatchNorm", "BatchNormalization"),
  ...perRank("InstanceNorm", "InstanceNormalization"),
  add: ["Add"],
  sub: ["Sub"],
  mul: ["Mul"],
  div: ["Div"],
  cat: ["Concat"],
  flatten: ["Flatten"],
  reshape: ["Reshape"],
  permute: ["Transpose"],
  transpose: ["Transpose"],
  mean: ["ReduceMean"],
  softmax: ["Softmax"],
  interpolate: ["Resize"],
};

function perRank(torch: string, onnx: string): Record<string, string[]> {
  return Object.fromEntries([1, 2, 3].map((rank) => [`${torch}${rank}d`, [onnx]]));
}

/** The ONNX operators of a layer type, whose last dotted part counts ("torch.nn.Conv2d"). */
export function onnxTypesOf(layerType: string): readonly string[] {
  const last = layerType.split(".").at(-1)!;
  return Object.hasOwn(onnxTypes, last) ? onnxTypes[last] : [last];
}
