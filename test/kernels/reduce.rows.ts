import { reduce, type ReduceKind, reduceKinds } from "../../src/kernels/reduce.ts";
import { type Bound, type Contents, exact, type KernelRows, nmse, type Row } from "./row.ts";

const sum = nmse(1e-11, "sums and products in single against double precision");

function row(name: string, kind: ReduceKind, sizes: readonly [number, number, number], x?: Contents): Row {
  const [outer, count, inner] = sizes;
  const bound: Bound = kind === "max" || kind === "min" ? exact : sum;
  return {
    name: `${kind}, ${name}`,
    numbers: { kind: reduceKinds.indexOf(kind), outer, count, inner },
    buffers: { x: x ?? outer * count * inner, y: outer * inner },
    bound,
  };
}

export const rows: readonly KernelRows[] = [{
  kernel: reduce,
  rows: [
    ...reduceKinds.flatMap((kind) => [
      row("one number", kind, [1, 1, 1]),
      row("odd sizes", kind, [3, 7, 5]),
      row("all below zero", kind, [1, 3, 1], [-3, -1, -2]),
      row("several workgroups", kind, [13, 9, 17]),
    ]),
    row("a folded grid", "max", [1, 1, 65535 * 64 + 1]),
  ],
}];
