import { cumulativeSum } from "../../src/kernels/cumulative_sum.ts";
import { withElement } from "../../src/kernels/kernel.ts";
import { exact, type KernelRows, type Row } from "./row.ts";

/** Multiples of 1/64: sums of thousands are exact in float32. */
const dyadic = (count: number) => Float32Array.from({ length: count }, (_, i) => ((i * 53) % 127 - 63) / 64);

const row = (name: string, [outer, count, inner]: readonly number[], integers = false): Row[] =>
  [[0, 0], [1, 0], [0, 1], [1, 1]].map(([exclusive, backwards]) => {
    const x = dyadic(outer * count * inner);
    return {
      name: `${name}${exclusive ? ", exclusive" : ""}${backwards ? ", backwards" : ""}`,
      numbers: { outer, count, inner, exclusive, backwards },
      buffers: integers
        ? { x: Int32Array.from(x, (v) => v * 2 ** 25), y: new Int32Array(x.length) }
        : { x, y: x.length },
      bound: exact,
    };
  });

export const rows: readonly KernelRows[] = [
  {
    kernel: cumulativeSum,
    rows: [...row("one number", [1, 1, 1]), ...row("several workgroups", [7, 33, 13])],
  },
  { kernel: withElement(cumulativeSum, "i32"), rows: row("integers beyond float32", [2, 9, 3], true) },
];
