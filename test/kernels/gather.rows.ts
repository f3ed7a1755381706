import {
  elementNumbers,
  gather,
  gatherElements,
  type Indexed,
  indexedNumbers,
} from "../../src/kernels/gather.ts";
import { withElement } from "../../src/kernels/kernel.ts";
import { exact, type KernelRows, type Row } from "./row.ts";

type Picks = {
  readonly outer: number;
  readonly picks: number;
  readonly inner: number;
  readonly indexed: readonly Indexed[];
  readonly indices: Int32Array;
  readonly shared?: boolean;
};

function row(name: string, { outer, picks, inner, indexed, indices, shared }: Picks, x?: Int32Array): Row {
  const outer_stride = indexed[0].size * indexed[0].stride;
  const numbers = {
    count: outer * picks * inner,
    picks,
    inner,
    outer_stride,
    outer_indices: shared ? 0 : picks * indexed.length,
    ...indexedNumbers(indexed),
  };
  const y = x ? new Int32Array(numbers.count) : numbers.count;
  return { name, numbers, buffers: { x: x ?? outer * outer_stride, indices, y }, bound: exact };
}

/** Whole numbers from below −size to above size: indices outside are clamped. */
const wild = (count: number, size: number) =>
  Int32Array.from({ length: count }, (_, i) => (i * 37) % (2 * size + 5) - size - 2);

const codes = Int32Array.of(2 ** 24 + 1, -1, 0x7fffffff, -0x80000000, 5, 0);

export const rows: readonly KernelRows[] = [
  {
    kernel: gather,
    rows: [
      row("one number", {
        outer: 1,
        picks: 1,
        inner: 1,
        indexed: [{ size: 1, stride: 1 }],
        indices: Int32Array.of(0),
      }),
      row("indices of the ends of int32 stay inside", {
        outer: 1,
        picks: 4,
        inner: 3,
        indexed: [{ size: 5, stride: 3 }],
        indices: Int32Array.of(0x7fffffff, -0x80000000, -5, 4),
      }),
      row("one list for all, several workgroups", {
        outer: 3,
        picks: 17,
        inner: 5,
        indexed: [{ size: 7, stride: 5 }],
        indices: wild(17, 7),
        shared: true,
      }),
      row("tuples of two, one list per slice", {
        outer: 2,
        picks: 9,
        inner: 3,
        indexed: [{ size: 4, stride: 15 }, { size: 5, stride: 3 }],
        indices: wild(36, 5),
      }),
      row("tuples of six", {
        outer: 1,
        picks: 70,
        inner: 1,
        indexed: [2, 3, 2, 2, 3, 4].map((size, i) => ({ size, stride: [144, 48, 24, 12, 4, 1][i] })),
        indices: wild(420, 3),
      }),
    ],
  },
  {
    kernel: withElement(gather, "i32"),
    rows: [
      row("integers", {
        outer: 1,
        picks: 8,
        inner: 2,
        indexed: [{ size: 3, stride: 2 }],
        indices: wild(8, 3),
      }, codes),
    ],
  },
  {
    kernel: gatherElements,
    rows: [
      {
        name: "one number",
        numbers: elementNumbers([], { size: 1, stride: 1 }),
        buffers: { x: 1, indices: Int32Array.of(-1), y: 1 },
        bound: exact,
      },
      {
        name: "fewer rows than x, several workgroups",
        numbers: elementNumbers([
          { count: 3, inStride: 77, outStride: 77 },
          { count: 11, inStride: 0, outStride: 7 },
          { count: 7, inStride: 1, outStride: 1 },
        ], { size: 11, stride: 7 }),
        buffers: { x: 4 * 77, indices: wild(3 * 77, 11), y: 3 * 77 },
        bound: exact,
      },
      {
        name: "six dimensions",
        numbers: elementNumbers(
          [2, 1, 3, 2, 4, 2].map((count, i) => ({
            count,
            inStride: [48, 48, 16, 8, 0, 1][i],
            outStride: [48, 48, 16, 8, 2, 1][i],
          })),
          { size: 4, stride: 2 },
        ),
        buffers: { x: 96, indices: wild(96, 4), y: 96 },
        bound: exact,
      },
    ],
  },
  {
    kernel: withElement(gatherElements, "u32"),
    rows: [{
      name: "integers",
      numbers: elementNumbers([{ count: 5, inStride: 0, outStride: 1 }], { size: 3, stride: 1 }),
      buffers: { x: Uint32Array.of(1, 0xffffffff, 2 ** 24 + 1), indices: wild(5, 3), y: new Uint32Array(5) },
      bound: exact,
    }],
  },
];
