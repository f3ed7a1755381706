// AMD's AI engines through FLEXML (Vitis AI 3.5): as the DPU, but sums may be shifted one bit to the left, and
// configuration files may choose the rounding of constants and narrow codes.
import type { Target } from "../target.ts";
import { dpu } from "./dpu.ts";

export const flexml = {
  ...dpu,
  name: "flexml",
  devices: ["FLEXML"],
  conflicts: undefined,
  units: { codes: "AI engine", floats: "CPU" },
  shifts: { leastCut: -1, cut: 16, bias: 16, accumulatorBits: 24 },
} as const satisfies Target;
