// ONNX Runtime's CPU provider: int8 weights and activations, symmetric weights per channel, asymmetric activations. It
// fuses DequantizeLinear → operator → QuantizeLinear into integer kernels and drops a Relu whose clamp the codes do.
import type { Target } from "../target.ts";

export const ortCpu: Target = {
  name: "ort-cpu",
  activations: { bits: 8, signed: false, symmetric: false },
  weights: { bits: 8, signed: true, symmetric: true, narrow: true },
  perChannel: true,
  bias: "sum",
  method: "mse",
  weightMethod: "maxmin",
};
