import { fix } from "../../src/kernels/fix.ts";
import { exact, type KernelRows, type Row, seededFloats } from "./row.ts";

function row(name: string, x: readonly number[] | Float32Array, fixPoint: number, bits = 8): Row {
  return {
    name,
    numbers: {
      quads: Math.ceil(x.length / 4),
      per_step: 2 ** fixPoint,
      step: 2 ** -fixPoint,
      code_low: -(2 ** (bits - 1)),
      code_high: 2 ** (bits - 1) - 1,
    },
    buffers: { x, y: new Float32Array(x.length) },
    bound: exact,
  };
}

/** The largest float32 below one half, and the smallest above its negative. */
const nearly = 0.5 - 2 ** -25;

export const rows: readonly KernelRows[] = [{
  kernel: fix,
  rows: [
    row("one number", [0.3], 7),
    row("ties go up", [0.5, 1.5, 2.5, -0.5, -1.5, -2.5, nearly, -nearly, -(2 ** -30)], 0),
    row("ends of the codes", [126.5, 127, 127.4, 127.5, 1e30, -127.5, -128, -128.5, -129, -1e30, 0], 0),
    row("steps larger than 1", [3, 4, 5, 12, -4, -12, 1e3], -3),
    row("sixteen bits, several workgroups", seededFloats(1003, 5), 14, 16),
  ],
}];
