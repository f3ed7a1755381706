import { range, shareGroups } from "../../src/kernels/range.ts";
import { exact, type KernelRows, type Row, seededFloats } from "./row.ts";

/** The numbers of a share of x: row-major, or `channels` of every `lanes` words with the rest padding. */
export function shareOf(x: Float32Array, channels?: number, lanes = 4) {
  const padded = Number(channels !== undefined);
  return { quads: Math.ceil(x.length / 4), padded, blocks: lanes / 4, limit: channels ?? x.length };
}

/** Whole quads, as in buffers; words after the elements must not be counted. */
export function quadsOf(x: Float32Array): Float32Array {
  const whole = new Float32Array(Math.ceil(x.length / 4) * 4).fill(1e30);
  whole.set(x);
  return whole;
}

function row(name: string, x: Float32Array, channels?: number, lanes?: number): Row {
  const share = shareOf(x, channels, lanes);
  const counts = Uint32Array.from({ length: 300 }, (_, i) => i);
  return {
    name,
    numbers: { ...share, bins: 300 },
    buffers: { x: quadsOf(x), y: shareGroups(share.quads) * 4, counts },
    bound: exact,
  };
}

const subnormal = 2 ** -130;

export const rows: readonly KernelRows[] = [
  {
    kernel: range,
    rows: [
      row("one number", Float32Array.of(-3)),
      row("all zero", new Float32Array(300)),
      row("above zero only", seededFloats(701, 1).map((v) => v + 2)),
      row(
        "NaN and infinities are counted, not ordered",
        Float32Array.of(1, NaN, -2, Infinity, -Infinity, 0.5),
      ),
      row("nothing but NaN", Float32Array.of(NaN, NaN)),
      row("subnormal numbers are zero", Float32Array.of(subnormal, -subnormal, 3)),
      row(
        "padding is skipped: 5 of 8 lanes",
        seededFloats(800, 2).map((v, i) => i % 8 < 5 ? v : v * 100),
        5,
        8,
      ),
      row("several workgroups", seededFloats(50001, 3)),
      row(
        "several workgroups, 3 of 4 lanes",
        seededFloats(50000, 6).map((v, i) => i % 4 < 3 ? v : NaN),
        3,
        4,
      ),
    ],
  },
];
