// Rounds floats to a fixed-point grid as DPUs do: ties upwards (XIR's DPU_ROUND). Steps are powers of two, so products
// with them are exact.
import { rounderOf } from "../tensor/round.ts";
import { kernel } from "./kernel.ts";

const round = rounderOf("half_up");

export const fix = kernel("fix", {
  writes: ["y"],
  grid: ({ quads }) => [Math.ceil(quads / 64)],
  reference({ x, y }, { per_step, step, code_low, code_high }) {
    for (let i = 0; i < y.length; i++) {
      y[i] = Math.min(Math.max(round(x[i] * per_step), code_low), code_high) * step;
    }
  },
});
