// Straight-through gradients of fake_quantize.ts (1308.3432) and, for its scale, those of learned steps (LSQ,
// 1902.08153): rounding counts as the identity, and a saturated code as a constant.
import { roundHalfEven } from "../tensor/round.ts";
import { kernel } from "./kernel.ts";

export const fakeQuantizeGradient = kernel("fake_quantize_gradient", {
  writes: ["y"],
  grid: (n) => [Math.ceil(n.quads / 64)],
  reference({ x, dy, scale, zero_point, y }, n) {
    for (let i = 0; i < y.length; i++) {
      const c = n.per_channel ? Math.floor(i / n.inner) % n.channels : 0;
      const zero = n.has_zero_point ? zero_point[c] : 0;
      const exact = Math.fround(x[i] / scale[c]);
      const code = roundHalfEven(exact) + zero;
      const clamped = Math.min(Math.max(code, n.code_low), n.code_high);
      const inside = clamped === code;
      const bySlope = inside ? clamped - zero - exact : clamped - zero;
      y[i] = dy[i] * (n.by_scale ? bySlope : Number(inside));
    }
  },
});
