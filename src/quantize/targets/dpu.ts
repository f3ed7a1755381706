// AMD DPUs (Vitis AI 3.5): int8, one power-of-two scale per tensor, zero point 0, fix positions of at most 12 (15
// beyond 8 bits); biases have as many bits as activations and their own position. Ties of constants round away from
// zero; those of activations round up on the device, and to even in a Q/DQ file, which has no other mode. Shift limits:
// fix_pos_adjust.py.
import type { Target } from "../target.ts";

const scheme = {
  bits: 8,
  signed: true,
  symmetric: true,
  powerOfTwo: true,
  mostFractionBits: [12, 15],
} as const;

export const dpu = {
  name: "dpu",
  devices: ["DPU"],
  conflicts: "positions",
  noZeroPoints: true,
  units: { codes: "DPU", floats: "CPU" },
  activations: { ...scheme, rounding: "half_up" },
  weights: { ...scheme, rounding: "std_round" },
  perChannel: false,
  bias: { ...scheme, rounding: "std_round" },
  method: "diffs",
  weightMethod: "diffs",
  everyResult: true,
  shifts: { leastCut: 0, cut: 16, bias: 16, accumulatorBits: 24 },
} as const satisfies Target;
