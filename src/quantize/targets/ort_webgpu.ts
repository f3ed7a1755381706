// ONNX Runtime Web on WebGPU: it dequantizes and computes in float, so Q/DQ saves bytes and keeps the CPU provider's
// results. An int32 bias must come without a zero point (insert_qdq never writes one), and its ConvInteger
// takes uint8 only, so activations are uint8.
import type { Target } from "../target.ts";
import { ortCpu } from "./ort_cpu.ts";

export const ortWebgpu = {
  ...ortCpu,
  name: "ort-webgpu",
  devices: ["CPU"],
  units: { codes: "GPU (stored as codes)", floats: "GPU (floats)" },
} as const satisfies Target;
