import { qbinaryTable, qtable, qtableChannels, tableNumbers } from "../../src/kernels/qtable.ts";
import { codeWords, signedCodes } from "./codes.ts";
import { exact, type KernelRows, type Row } from "./row.ts";

type Part = {
  readonly rows: number;
  readonly channels: number;
  /** The first of the channels in y, and the number of channels of y. */
  readonly first: number;
  readonly out: number;
};

/** 64 words or more contain every code. */
function single(name: string, words: number): Row {
  const table = Int32Array.from(signedCodes(256, 2));
  const x = Uint32Array.from({ length: words }, (_, i) => (i & 63) * 0x04040404 + 0x03020100);
  return {
    name,
    numbers: tableNumbers(words),
    buffers: { x, table, y: new Uint32Array(words) },
    bound: exact,
  };
}

/** The other channels of y must not change. */
function row(name: string, { rows, channels, first, out }: Part): Row {
  const touched = Math.ceil((first + channels) / 4) - Math.floor(first / 4);
  const [blocks, out_blocks] = [channels, out].map((count) => Math.ceil(count / 4));
  return {
    name,
    numbers: { words: rows * touched, touched, first, channels, blocks, out_blocks },
    buffers: {
      x: codeWords(rows * blocks, 1),
      table: Int32Array.from(signedCodes(256, 2)),
      y: codeWords(rows * out_blocks, 3),
    },
    bound: exact,
  };
}

function pairs(name: string, words: number, table = codeWords(65536 / 4, 4)): Row {
  const [a, b] = [codeWords(words, 5), codeWords(words, 6)];
  return {
    name,
    numbers: tableNumbers(words),
    buffers: { a, b, table, y: new Uint32Array(words) },
    bound: exact,
  };
}

/** Every pair of codes, once. */
const everyPair = (() => {
  const words = 65536 / 4;
  const a = Uint32Array.from({ length: words }, (_, i) => (i >> 6) * 0x01010101);
  const b = Uint32Array.from({ length: words }, (_, i) => (i & 63) * 0x04040404 + 0x03020100);
  return { ...pairs("every pair of codes", words), buffers: { ...pairs("", words).buffers, a, b } };
})();

export const rows: readonly KernelRows[] = [
  {
    kernel: qtable,
    rows: [single("one word", 1), single("odd words", 67), single("several workgroups", 1003)],
  },
  {
    kernel: qtableChannels,
    rows: [
      row("one code", { rows: 1, channels: 1, first: 0, out: 1 }),
      row("whole words", { rows: 5, channels: 8, first: 4, out: 16 }),
      row("a last word in part", { rows: 5, channels: 6, first: 4, out: 13 }),
      row("beginning within a word", { rows: 7, channels: 7, first: 5, out: 15 }),
      row("within one word", { rows: 3, channels: 2, first: 1, out: 4 }),
      row("several workgroups", { rows: 101, channels: 19, first: 3, out: 23 }),
    ],
  },
  {
    kernel: qbinaryTable,
    rows: [pairs("one word", 1), pairs("odd words", 37), everyPair, pairs("several workgroups", 1003)],
  },
];
