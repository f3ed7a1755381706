import { rangePartial, rangeTotal, shareGroups } from "../../src/kernels/range.ts";
import { exact, type KernelRows, type Row, seeded } from "./row.ts";

function partial(name: string, x: Float32Array, channels = 1, stride_channels = 1): Row {
  return {
    name,
    numbers: { count: x.length, channels, stride_channels },
    buffers: { x, y: shareGroups(x.length) * 4 },
    bound: exact,
  };
}

function total(name: string, quadruples: readonly number[]): Row {
  return { name, numbers: { groups: quadruples.length / 4 }, buffers: { x: quadruples, y: 4 }, bound: exact };
}

const subnormal = 2 ** -130;

export const rows: readonly KernelRows[] = [
  {
    kernel: rangePartial,
    rows: [
      partial("one number", Float32Array.of(-3)),
      partial("all zero", new Float32Array(300)),
      partial("above zero only", seeded(700, 1).map((v) => v + 2)),
      partial(
        "NaN and infinities are counted, not ordered",
        Float32Array.of(1, NaN, -2, Infinity, -Infinity, 0.5),
      ),
      partial("nothing but NaN", Float32Array.of(NaN, NaN)),
      partial("subnormal numbers are zero", Float32Array.of(subnormal, -subnormal, 3)),
      partial(
        "padding is skipped: 5 of 8 lanes",
        seeded(800, 2).map((v, i) => i % 8 < 5 ? v : v * 100),
        5,
        8,
      ),
      partial("several workgroups", seeded(50001, 3)),
    ],
  },
  {
    kernel: rangeTotal,
    rows: [
      total("one group", [-1, 2, 0, 0]),
      total("three groups", [-1, 2, 1, 0, -5, 1, 2, 0, 0, 7, 0, 0]),
      total("all of 256", Array.from(seeded(1024, 6), (v, i) => i % 4 < 2 ? v : i % 4 === 2 ? i % 3 : 0)),
    ],
  },
];
