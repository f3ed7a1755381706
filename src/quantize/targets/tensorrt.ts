// TensorRT with explicit quantization: zero points must be 0, so int8 symmetric throughout; one scale per weight
// channel; biases stay float (it refuses Q/DQ on them); the Q/DQ on the inputs of a residual Add lets it fuse the sum.
import type { Target } from "../target.ts";

export const tensorrt = {
  name: "tensorrt",
  devices: ["CPU"],
  conflicts: "scales",
  noZeroPoints: true,
  forDescriptors: true,
  units: { codes: "GPU (codes)", floats: "GPU (floats)" },
  activations: { bits: 8, signed: true, symmetric: true },
  weights: { bits: 8, signed: true, symmetric: true, narrow: true },
  perChannel: true,
  bias: "float",
  method: "auto",
  weightMethod: "maxmin",
  weightMethodUnder8Bits: "mse",
} as const satisfies Target;
