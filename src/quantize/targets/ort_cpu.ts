// ONNX Runtime's CPU provider: symmetric int8 weights per channel, asymmetric uint8 activations. It fuses
// DequantizeLinear → operator → QuantizeLinear into integer kernels and drops a Relu that the codes make redundant.
import type { Target } from "../target.ts";

export const ortCpu = {
  name: "ort-cpu",
  devices: ["CPU", "GPU"],
  conflicts: "scales",
  units: { codes: "CPU (codes)", floats: "CPU (floats)" },
  activations: { bits: 8, signed: false, symmetric: false },
  weights: { bits: 8, signed: true, symmetric: true, narrow: true },
  perChannel: true,
  bias: "sum",
  method: "auto",
  weightMethod: "maxmin",
  weightMethodUnder8Bits: "mse",
} as const satisfies Target;
