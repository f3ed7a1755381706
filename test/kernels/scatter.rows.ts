import { withElement } from "../../src/kernels/kernel.ts";
import { type Indexed, indexedNumbers } from "../../src/kernels/gather.ts";
import {
  scatter,
  scatterClaim,
  type ScatterKind,
  scatterKinds,
  scatterNumbers,
  scatterOwned,
} from "../../src/kernels/scatter.ts";
import { exact, type KernelRows, type Row } from "./row.ts";

/** Whole numbers from below −size to above size, each several times. */
const wild = (count: number, size: number) =>
  Int32Array.from({ length: count }, (_, i) => (i * 37) % (2 * size + 5) - size - 2);

/** Multiples of 1/8, so that products of a few and sums of many of them are exact. */
const eighths = (count: number, seed: number) =>
  Float32Array.from({ length: count }, (_, i) => ((i * 29 + seed) % 33 - 16) / 8);

/** Updates along the middle axis of [outer][size][inner]. */
function alongAxis(kind: ScatterKind): Row {
  const [outer, size, inner, count] = [5, 9, 14, 4];
  const lines = [
    { count: outer, index: count * inner, update: count * inner, out: size * inner },
    { count: inner, index: 1, update: 1, out: 1 },
  ];
  const steps = { updates_count: count, index_step: inner, update_step: inner };
  return {
    name: `${kind}, along an axis, several workgroups`,
    numbers: scatterNumbers(kind, lines, steps, [{ size, stride: inner }]),
    buffers: {
      indices: wild(outer * count * inner, size),
      updates: eighths(outer * count * inner, 1),
      y: eighths(outer * size * inner, 7),
    },
    bound: exact,
  };
}

function byTuples(kind: ScatterKind, integers: boolean): Row {
  const [picks, inner] = [11, 3];
  const lines = [{ count: inner, index: 0, update: 1, out: 1 }];
  const steps = { updates_count: picks, index_step: 2, update_step: inner };
  const words = (count: number, seed: number) =>
    integers ? Int32Array.from(eighths(count, seed), (v) => v * 8 + 1) : eighths(count, seed);
  return {
    name: `${kind}, slices at tuples of two`,
    numbers: scatterNumbers(kind, lines, steps, [{ size: 2, stride: 15 }, { size: 5, stride: inner }]),
    buffers: { indices: wild(picks * 2, 4), updates: words(picks * inner, 1), y: words(30, 7) },
    bound: exact,
  };
}

function claim(name: string, indexed: readonly Indexed[], indices: Int32Array): Row {
  const places = indexed.reduce((product, { size }) => product * size, 1);
  return {
    name,
    numbers: { count: indices.length / indexed.length, ...indexedNumbers(indexed) },
    buffers: { indices, owners: new Int32Array(places).fill(-1) },
    bound: exact,
  };
}

const ownedBuffers = (owners: readonly number[], inner: number, updates: number) => ({
  x: owners.length * inner,
  owners: Int32Array.from(owners),
  updates: updates * inner,
  y: owners.length * inner,
});

export const rows: readonly KernelRows[] = [
  {
    kernel: scatter,
    rows: [
      {
        name: "one number",
        numbers: scatterNumbers("none", [], { updates_count: 1, index_step: 1, update_step: 1 }, [
          { size: 1, stride: 1 },
        ]),
        buffers: { indices: Int32Array.of(-1), updates: 1, y: 1 },
        bound: exact,
      },
      ...scatterKinds.flatMap((kind) => [alongAxis(kind), byTuples(kind, false)]),
      {
        name: "tuples of six",
        numbers: scatterNumbers(
          "none",
          [],
          { updates_count: 40, index_step: 6, update_step: 1 },
          [2, 3, 2, 2, 3, 4].map((size, i) => ({ size, stride: [144, 48, 24, 12, 4, 1][i] })),
        ),
        buffers: { indices: wild(240, 3), updates: 40, y: 288 },
        bound: exact,
      },
    ],
  },
  {
    kernel: scatterClaim,
    rows: [
      claim("one tuple", [{ size: 1, stride: 1 }], Int32Array.of(0)),
      claim("many for each place", [{ size: 3, stride: 5 }, { size: 5, stride: 1 }], wild(400, 4)),
      claim(
        "tuples of six",
        [2, 3, 2, 2, 3, 4].map((size, i) => ({ size, stride: [144, 48, 24, 12, 4, 1][i] })),
        wild(600, 3),
      ),
    ],
  },
  {
    kernel: scatterOwned,
    rows: [
      {
        name: "one number",
        numbers: { count: 1, inner: 1 },
        buffers: ownedBuffers([-1], 1, 1),
        bound: exact,
      },
      {
        name: "rows",
        numbers: { count: 21, inner: 7 },
        buffers: ownedBuffers([4, -1, 0], 7, 5),
        bound: exact,
      },
      {
        name: "several workgroups",
        numbers: { count: 600, inner: 3 },
        buffers: ownedBuffers(Array.from({ length: 200 }, (_, i) => (i * 7) % 12 - 2), 3, 10),
        bound: exact,
      },
    ],
  },
  { kernel: withElement(scatter, "i32"), rows: scatterKinds.map((kind) => byTuples(kind, true)) },
];
