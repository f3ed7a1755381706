import { withElement } from "../../src/kernels/kernel.ts";
import { reverseSequence } from "../../src/kernels/reverse_sequence.ts";
import { exact, type KernelRows, type Row } from "./row.ts";

const row = (name: string, [batch, time, inner]: readonly number[], lengths: readonly number[]): Row[] =>
  [0, 1].map((time_first) => ({
    name: `${name}, ${time_first ? "time first" : "batch first"}`,
    numbers: { batch, time, inner, time_first },
    buffers: { x: batch * time * inner, lengths: Int32Array.from(lengths), y: batch * time * inner },
    bound: exact,
  }));

export const rows: readonly KernelRows[] = [
  {
    kernel: reverseSequence,
    rows: [
      ...row("one number", [1, 1, 1], [1]),
      ...row("several workgroups", [3, 7, 11], [7, 1, 4]),
      ...row("lengths outside are clamped", [4, 5, 2], [-3, 0, 6, 0x7fffffff]),
    ],
  },
  {
    kernel: withElement(reverseSequence, "i32"),
    rows: [{
      name: "integers",
      numbers: { batch: 1, time: 3, inner: 1, time_first: 0 },
      buffers: { x: Int32Array.of(2 ** 24 + 1, -1, 5), lengths: Int32Array.of(3), y: new Int32Array(3) },
      bound: exact,
    }],
  },
];
