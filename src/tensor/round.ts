// Rounding as ONNX QuantizeLinear asks: to nearest, ties to even.

/** 0.5 → 0, 1.5 → 2, 2.5 → 2, −0.5 → −0. Exact for every double. */
export function roundHalfEven(x: number): number {
  const floor = Math.floor(x);
  const fraction = x - floor;
  if (fraction !== 0.5) return Math.round(x);
  return floor % 2 === 0 ? floor : floor + 1;
}
