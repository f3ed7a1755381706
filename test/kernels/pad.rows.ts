import type { Axis } from "../../src/kernels/copy_strided.ts";
import { withElement } from "../../src/kernels/kernel.ts";
import { pad, type PadMode, padModes, padNumbers } from "../../src/kernels/pad.ts";
import { type Contents, exact, type KernelRows, type Row } from "./row.ts";

type Padded = { readonly mode: PadMode; readonly x: Contents; readonly y: Contents; readonly from?: number };

function row(name: string, axes: readonly Axis[], { mode, x, y, from }: Padded): Row {
  const fill = x instanceof Int32Array || x instanceof Uint32Array ? x.slice(0, 1) : [0.3];
  return {
    name: `${mode}, ${name}`,
    numbers: padNumbers(mode, axes, from),
    buffers: { x, fill, y },
    bound: exact,
  };
}

const codes = Int32Array.of(2 ** 24 + 1, -1, 0x7fffffff, -0x80000000, 5, 0);

export const rows: readonly KernelRows[] = [
  {
    kernel: pad,
    rows: padModes.flatMap((mode) => [
      row("one number on both sides", [{ count: 5, low: 2, size: 1, inStride: 1, outStride: 1 }], {
        mode,
        x: 1,
        y: 5,
      }),
      row("several times the size, one side cut", [
        { count: 3, low: -1, size: 4, inStride: 5, outStride: 31 },
        { count: 31, low: 13, size: 5, inStride: 1, outStride: 1 },
      ], { mode, x: 20, y: 93 }),
      row("six dimensions, several workgroups, a part of the source", [
        { count: 4, low: 1, size: 2, inStride: 60, outStride: 360 },
        { count: 2, inStride: 30, outStride: 180 },
        { count: 5, low: 2, size: 3, inStride: 10, outStride: 36 },
        { count: 1, size: 1, inStride: 10, outStride: 36 },
        { count: 6, low: 0, size: 3, inStride: 2, outStride: 6 },
        { count: 6, low: 3, size: 2, inStride: 1, outStride: 1 },
      ], { mode, x: 150, y: 1440, from: 3 }),
    ]),
  },
  {
    kernel: withElement(pad, "i32"),
    rows: padModes.map((mode) =>
      row("integers", [{ count: 16, low: 5, size: 6, inStride: 1, outStride: 1 }], {
        mode,
        x: codes,
        y: new Int32Array(16),
      })
    ),
  },
];
