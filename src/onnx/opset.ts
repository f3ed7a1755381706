// The IR version that introduced each opset (onnx/docs/Versioning.md, released versions).

/** The IR versions halftone reads. */
export const irVersions = { lowest: 3, highest: 14 } as const;

/** The opsets halftone reads: later ones may change the meaning of operators. */
export const opsets = { lowest: 1, highest: 28 } as const;

/** [first opset, IR version], ascending. */
const rows = [
  [1, 3],
  [9, 4],
  [10, 5],
  [11, 6],
  [12, 7],
  [15, 8],
  [19, 9],
  [21, 10],
  [23, 11],
  [24, 12],
  [25, 13],
  [28, 14],
] as const; // deno-fmt-ignore

/** The lowest IR version that a model with this opset may have. */
export function irForOpset(opset: number): number {
  return rows.findLast(([first]) => opset >= first)?.[1] ?? irVersions.lowest;
}
