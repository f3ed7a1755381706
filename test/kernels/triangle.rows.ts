import { withElement } from "../../src/kernels/kernel.ts";
import { triangle } from "../../src/kernels/triangle.ts";
import { exact, type KernelRows, type Row } from "./row.ts";

const row = (name: string, [matrices, rows, columns]: readonly number[], shift: number): Row[] =>
  [0, 1].map((upper) => {
    const count = matrices * rows * columns;
    const numbers = { count, rows, columns, shift, upper };
    return {
      name: `${name}, ${upper ? "upper" : "lower"}`,
      numbers,
      buffers: { x: count, y: count },
      bound: exact,
    };
  });

export const rows: readonly KernelRows[] = [
  {
    kernel: triangle,
    rows: [
      ...row("one number", [1, 1, 1], 0),
      ...row("wide, shifted right", [2, 3, 7], 2),
      ...row("high, shifted left, several workgroups", [3, 11, 5], -3),
      ...row("beyond the corner", [1, 4, 4], 5),
      ...row("NaN outside is not kept", [1, 2, 2], 0).map((one) => ({
        ...one,
        buffers: { x: [NaN, NaN, NaN, NaN], y: 4 },
      })),
    ],
  },
  {
    kernel: withElement(triangle, "i32"),
    rows: [{
      name: "integers",
      numbers: { count: 4, rows: 2, columns: 2, shift: 0, upper: 1 },
      buffers: { x: Int32Array.of(2 ** 24 + 1, -1, 5, 0x7fffffff), y: new Int32Array(4) },
      bound: exact,
    }],
  },
];
