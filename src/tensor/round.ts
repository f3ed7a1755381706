// Rounding to integers. ONNX QuantizeLinear requires half to even; the other modes are those of the Vitis AI
// quantizer and differ in ties only.

/** How ties are rounded: to even, towards +∞, towards zero, away from zero. */
export const roundings = ["half_even", "half_up", "half_down", "std_round"] as const;
export type Rounding = (typeof roundings)[number];

/** 0.5 → 0, 1.5 → 2, 2.5 → 2, −0.5 → −0. Exact for every double. */
export function roundHalfEven(x: number): number {
  const floor = Math.floor(x);
  const fraction = x - floor;
  if (fraction !== 0.5) return Math.round(x);
  return floor % 2 === 0 ? floor : floor + 1;
}

/** 2.5 → 3, −2.5 → −2. Not floor(x + 0.5), which rounds the largest number below 0.5 up. */
function roundHalfUp(x: number): number {
  const floor = Math.floor(x);
  return x - floor >= 0.5 ? floor + 1 : floor;
}

const rounders: Readonly<Record<Rounding, (x: number) => number>> = {
  half_even: roundHalfEven,
  half_up: roundHalfUp,
  half_down: (x) => x < 0 ? roundHalfUp(x) : -roundHalfUp(-x),
  std_round: (x) => x < 0 ? -roundHalfUp(-x) : roundHalfUp(x),
};

/** The function of a mode; absent: half to even. */
export function rounderOf(rounding: Rounding = "half_even"): (x: number) => number {
  return rounders[rounding];
}
