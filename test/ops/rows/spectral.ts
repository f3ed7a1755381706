// Rows of Fourier transforms and their tables.
import { type Bound, ulps } from "../agreement.ts";
import { int, type Row, valuesBetween, whole } from "../one_node.ts";
import { tensor } from "../../../src/tensor/tensor.ts";

const sums: Bound = ulps(32, "ONNX Runtime multiplies roots of unity up in single precision", 4);
const tables: Bound = ulps(4, "cosines and powers in single against double precision", 1);

const scalar = (value: number) => tensor("float32", [], [value]);
const signal = valuesBetween([2, 12, 1], -1, 1);
const complex = valuesBetween([2, 12, 2], -1, 1, 3);

const dft = (about: string, more: Omit<Row, "opType" | "about" | "within">): Row => ({
  opType: "DFT",
  about,
  within: sums,
  opset: 17,
  ...more,
});
const stft = (about: string, inputs: Row["inputs"], more: Partial<Row> = {}): Row => ({
  opType: "STFT",
  about,
  inputs,
  within: sums,
  opset: 17,
  ...more,
});
const window = (opType: string, about: string, attributes: Row["attributes"] = {}): Row => ({
  opType,
  about,
  inputs: [whole([9], [])],
  attributes,
  fed: [],
  within: tables,
  opset: 17,
});

export const spectralRows: readonly Row[] = [
  dft("of a real signal", { inputs: [signal] }),
  dft("one side", { inputs: [signal], attributes: { onesided: int(1) } }),
  dft("of a complex signal", { inputs: [complex] }),
  dft("inverse", { inputs: [complex], attributes: { inverse: int(1) } }),
  dft("along the first axis of four", {
    inputs: [valuesBetween([5, 3, 4, 1], -1, 1)],
    attributes: { axis: int(0) },
  }),
  dft("of a signal that is cut", { inputs: [signal, whole([7], [])] }),
  dft("of a signal that is filled up", {
    inputs: [signal, whole([15], [])],
    attributes: { onesided: int(1) },
  }),
  dft("the axis is an input", {
    inputs: [valuesBetween([2, 3, 8, 2], -1, 1), undefined, whole([1], [])],
    opset: 20,
  }),
  dft("the last axis but one where none is said", {
    inputs: [valuesBetween([2, 3, 8, 1], -1, 1)],
    opset: 20,
  }),
  stft("with a window", [signal, whole([3], []), valuesBetween([6], 0, 1)]),
  stft("frames without a window, both sides", [signal, whole([4], []), undefined, whole([5], [])], {
    attributes: { onesided: int(0) },
  }),
  stft("a window that arrives with the data", [signal, whole([2], []), valuesBetween([8], 0, 1)], {
    fed: [0, 2],
  }),
  ...["HannWindow", "HammingWindow", "BlackmanWindow"].flatMap((opType) => [
    window(opType, "periodic"),
    window(opType, "symmetric", { periodic: int(0) }),
  ]),
  {
    opType: "MelWeightMatrix",
    about: "eight bands",
    inputs: [whole([8], []), whole([32], []), whole([8192], []), scalar(100), scalar(4000)],
    fed: [],
    within: tables,
    opset: 17,
  },
];
