import { withElement } from "../../src/kernels/kernel.ts";
import { resample, resampleQuads } from "../../src/kernels/resample.ts";
import { exact, type KernelRows, type Row, seededFloats, ulp } from "./row.ts";

type Table = {
  readonly taps: number;
  readonly places: readonly number[];
  readonly weights: readonly number[];
};
type Sizes = {
  readonly outer: number;
  readonly height: number;
  readonly width: number;
  readonly inner: number;
};

/** One tap each. */
const oneTap = (...places: number[]): Table => ({ taps: 1, places, weights: places.map(() => 1) });
/** Two taps each, with the share of the first. */
const twoTaps = (places: readonly (readonly [number, number, number])[]): Table => ({
  taps: 2,
  places: places.flatMap(([first, second]) => [first, second]),
  weights: places.flatMap(([, , share]) => [share, 1 - share]),
});

function row(
  name: string,
  { outer, height, width, inner }: Sizes,
  rows: Table,
  columns: Table,
  lanes = 1,
): Row {
  const [out_height, out_width] = [rows, columns].map(({ taps, places }) => places.length / taps);
  const words = outer * out_height * out_width * inner;
  return {
    name,
    numbers: {
      row_taps: rows.taps,
      column_taps: columns.taps,
      count: words / lanes,
      height,
      width,
      out_height,
      out_width,
      inner: inner / lanes,
      outside: 0.25,
    },
    buffers: {
      // All have the same sign, so that nothing cancels and the bound is relative.
      x: seededFloats(outer * height * width * inner, 1).map((v) => v + 2),
      rows: Int32Array.from(rows.places),
      row_weights: rows.weights,
      columns: Int32Array.from(columns.places),
      column_weights: columns.weights,
      y: words,
    },
    bound: rows.taps * columns.taps === 1
      ? exact
      : ulp(4, "four products and three sums in single precision"),
  };
}

const upTwice = (size: number) =>
  twoTaps(Array.from({ length: 2 * size }, (_, i) => {
    const first = Math.min(Math.floor(i / 2), size - 1);
    return [first, Math.min(first + 1, size - 1), 0.7];
  }));

const rowsOf = (lanes: number): Row[] => [
  row("one number", { outer: 1, height: 1, width: 1, inner: lanes }, oneTap(0), oneTap(0), lanes),
  row(
    "repeated and dropped",
    { outer: 3, height: 4, width: 5, inner: 2 * lanes },
    oneTap(3, 3, 0),
    oneTap(4, 0, 1, 1),
    lanes,
  ),
  row("outside", { outer: 2, height: 2, width: 3, inner: lanes }, oneTap(-1, 0, 1), oneTap(2, -1), lanes),
  row(
    "two taps, several workgroups",
    { outer: 5, height: 3, width: 7, inner: 3 * lanes },
    upTwice(3),
    upTwice(7),
    lanes,
  ),
  row("one axis", { outer: 4, height: 1, width: 9, inner: lanes }, oneTap(0), upTwice(9), lanes),
];

const codes = Int32Array.of(2 ** 24 + 1, -1, 0x7fffffff);

export const rows: readonly KernelRows[] = [
  { kernel: resample, rows: rowsOf(1) },
  { kernel: resampleQuads, rows: rowsOf(4) },
  {
    kernel: withElement(resample, "i32"),
    rows: [{
      ...row("integers", { outer: 1, height: 1, width: 3, inner: 1 }, oneTap(0), oneTap(2, 2, 0, 1)),
      buffers: {
        x: codes,
        rows: Int32Array.of(0),
        row_weights: [1],
        columns: Int32Array.of(2, 2, 0, 1),
        column_weights: [1, 1, 1, 1],
        y: new Int32Array(4),
      },
    }],
  },
];
