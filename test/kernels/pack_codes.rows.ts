import { dequantizePacked, packCodes, quantizePacked, unpackCodes } from "../../src/kernels/pack_codes.ts";
import { packedLayoutOf, packing, packNumbers, wordsOf } from "../../src/ops/lowering/layout.ts";
import type { Layout } from "../../src/ops/declare/op.ts";
import type { Shape } from "../../src/tensor/shape.ts";
import { codeWords, signedCodes } from "./codes.ts";
import { exact, type KernelRows, type Row, seededFloats } from "./row.ts";

type Place = readonly [about: string, shape: Shape, layout: Layout, packed?: Layout];

const places: readonly Place[] = [
  ["one code", [1], "plain"],
  ["a matrix of odd rows", [3, 7], "plain"],
  ["rank 3", [2, 3, 6], "plain"],
  ["rank 3, along the channels", [2, 3, 6], "plain", "packed_channels"],
  ["rank 3, channels last", [2, 5, 6], "channels_last"],
  ["rank 5", [2, 5, 3, 2, 3], "plain"],
  ["rank 5, channels last", [2, 5, 3, 2, 3], "channels_last"],
  ["rank 4, along the last axis", [2, 5, 3, 7], "plain", "packed_rows"],
  ["odd channels of images", [2, 5, 3, 7], "plain"],
  ["channels last, with padding", [2, 5, 3, 7], "channels_last"],
  ["several workgroups", [2, 13, 11, 9], "plain"],
];

const [several, lastly] = [places.at(-1)!, places.at(-2)!];

function sizesOf([, shape, layout, along = packedLayoutOf({ shape, layout })]: Place) {
  const unpacked = { shape, layout };
  const { rows, blocks } = packing({ shape, layout: along });
  return { numbers: packNumbers(unpacked, along), single: wordsOf(unpacked), packed: rows * blocks };
}

const repackRows = (place: Place, offset: number) => {
  const { numbers, single, packed } = sizesOf(place);
  const codes = Int32Array.from(signedCodes(single, 3), (code) => code + offset);
  const kind = offset === 0 ? "signed" : "unsigned";
  const row = { name: `${place[0]}, ${kind}`, numbers: { ...numbers, offset }, bound: exact };
  return {
    packed: { ...row, buffers: { x: codes, y: new Uint32Array(packed) } },
    unpacked: { ...row, buffers: { x: codeWords(packed, 4), y: new Int32Array(single) } },
  };
};

const both = [0, 128].flatMap((offset) => places.map((place) => repackRows(place, offset)));

/** Halves are ties; the ends are far beyond the codes. */
const halves = (count: number) =>
  Float32Array.from(
    seededFloats(count, 5),
    (v, i) => i % 11 === 0 ? Math.sign(v) * 1e30 : Math.round(v * 600) / 2,
  );

function quantizeRow(place: Place, scale: number, zero: number, x?: (count: number) => Float32Array): Row {
  const { numbers, single, packed } = sizesOf(place);
  const values = (x ?? halves)(single).map((v) => Math.fround(v * scale));
  return {
    name: `${place[0]}, scale ${scale}, zero ${zero}`,
    numbers: { ...numbers, scale, zero },
    buffers: { x: values, y: new Uint32Array(packed) },
    bound: exact,
  };
}

/** A quarter of a step from the nearest code: more than the error of any division. */
const offTies = (count: number) => Float32Array.from(signedCodes(count, 6), (code) => code + 0.25);

function dequantizeRow(place: Place, scale: number, zero: number): Row {
  const { numbers, single, packed } = sizesOf(place);
  return {
    name: `${place[0]}, scale ${scale}, zero ${zero}`,
    numbers: { ...numbers, scale, zero },
    buffers: { x: codeWords(packed, 7), y: single },
    bound: exact,
  };
}

export const rows: readonly KernelRows[] = [
  { kernel: packCodes, rows: both.map(({ packed }) => packed) },
  { kernel: unpackCodes, rows: both.map(({ unpacked }) => unpacked) },
  {
    kernel: quantizePacked,
    rows: [
      ...places.map((place) => quantizeRow(place, 0.25, -3)),
      quantizeRow(several, 2 ** -20, 127),
      quantizeRow(several, 8, -128),
      quantizeRow(lastly, 0.1, 11, offTies),
      quantizeRow(several, 1e-30, 0, offTies),
    ],
  },
  {
    kernel: dequantizePacked,
    rows: [
      ...places.map((place) => dequantizeRow(place, 0.1, -128)),
      dequantizeRow(several, 3e-7, 127),
      dequantizeRow(several, 1e30, 0),
    ],
  },
];
