import { pickClass } from "../../src/kernels/pick_class.ts";
import { exact, type KernelRows, type Row } from "./row.ts";

function row(
  name: string,
  outer: number,
  classes: number,
  inner: number,
  weights: boolean,
  ignored?: number,
): Row {
  const places = outer * inner;
  const dyadic = (count: number) => Array.from({ length: count }, (_, i) => ((i * 53) % 127 - 63) / 64);
  return {
    name,
    numbers: {
      has_weight: Number(weights),
      has_ignored: Number(ignored !== undefined),
      ignored: ignored ?? 0,
      outer,
      classes,
      inner,
    },
    buffers: {
      x: dyadic(places * classes),
      target_class: Int32Array.from({ length: places }, (_, i) => (i * 7 + 2) % (classes + 2) - 1),
      weight: weights ? dyadic(classes) : undefined,
      loss: places,
      share: places,
    },
    bound: exact,
  };
}

export const rows: readonly KernelRows[] = [{
  kernel: pickClass,
  rows: [
    row("one target", 1, 2, 1, false),
    row("weights, some targets out of range", 5, 7, 11, true),
    row("an ignored class", 5, 7, 11, true, 3),
    row("an ignored number below zero", 3, 4, 40, false, -1),
  ],
}];
