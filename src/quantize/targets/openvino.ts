// OpenVINO: uint8 activations with any zero point, symmetric int8 weights per channel without −128, so that AVX2
// sums cannot overflow; biases stay float and are fused by the plugin.
import type { Target } from "../target.ts";

export const openvino = {
  name: "openvino",
  devices: ["CPU"],
  conflicts: "scales",
  units: { codes: "CPU (codes)", floats: "CPU (floats)" },
  activations: { bits: 8, signed: false, symmetric: false },
  weights: { bits: 8, signed: true, symmetric: true, narrow: true },
  perChannel: true,
  bias: "float",
  method: "auto",
  weightMethod: "maxmin",
  weightMethodUnder8Bits: "mse",
} as const satisfies Target;
