// The clamp that operators can apply in their epilogue, as attributes that only the planner writes.
import { float } from "../declare/op.ts";

/** float32's largest: WGSL may assume that infinities do not exist, so "no clamp" is ± this number. */
export const unlimited = 3.4028234663852886e38;

export const clampAttributes = { clamp_low: float(-unlimited), clamp_high: float(unlimited) };

export function clampNumbers(a: { clamp_low: number; clamp_high: number }) {
  return { low: a.clamp_low, high: a.clamp_high };
}
