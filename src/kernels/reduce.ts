// Reductions along lines of x. The index in `reduceKinds` is the shader's `kind`. One thread or, for long lines, one
// workgroup makes a result; both have one definition.
import { constantsOf, kernel, type Numbers, type Words, type WordType } from "./kernel.ts";

export const reduceKinds = [
  "sum",
  "mean",
  "max",
  "min",
  "product",
  "l1",
  "l2",
  "sumOfSquares",
  "logSum",
  "logSumExp",
] as const;
export type ReduceKind = (typeof reduceKinds)[number];

/** Element k of result (outer, inner) is x[outer · outer_stride + k · stride + inner]. */
export type Lines = {
  readonly outer: number;
  readonly count: number;
  readonly inner: number;
  readonly outer_stride: number;
  readonly stride: number;
};

/** Where a line begins in x. */
export function firstOf(line: number, n: Numbers): number {
  return Math.floor(line / n.inner) * n.outer_stride + (line % n.inner);
}

/** The bits of a device word, for `empty`. */
export function bitsOf(value: number, type: WordType): number {
  return (type === "f32" ? new Uint32Array(Float32Array.of(value).buffer)[0] : value) >>> 0;
}

function valueOf(bits: number, type: WordType): number {
  return type === "u32" ? bits : type === "i32" ? bits | 0 : new Float32Array(Uint32Array.of(bits).buffer)[0];
}

const starts: Partial<Record<ReduceKind, number>> = { max: -Infinity, min: Infinity, product: 1 };

function reference({ x, y }: Readonly<Record<string, Words>>, n: Numbers, type: WordType = "f32") {
  const kind = reduceKinds[n.kind];
  const { step, whole } = arithmeticOf(kind, type, y instanceof Float64Array);
  for (let line = 0; line < n.outer * n.inner; line++) {
    const first = firstOf(line, n);
    const at = (k: number) => x[first + k * n.stride];
    let most = -Infinity;
    if (kind === "logSumExp") { for (let k = 0; k < n.count; k++) most = Math.max(most, at(k)); }
    const shift = Number.isFinite(most) ? most : 0;
    let result = starts[kind] ?? 0;
    for (let k = 0; k < n.count; k++) result = step(result, at(k), shift);
    y[line] = n.count === 0 ? valueOf(n.empty, type) : whole(finish(kind, result, n.count, shift));
  }
}

function finish(kind: ReduceKind, result: number, count: number, shift: number): number {
  if (kind === "mean") return result / count;
  if (kind === "l2") return Math.sqrt(result);
  if (kind === "logSum") return Math.log(result);
  return kind === "logSumExp" ? Math.log(result) + shift : result;
}

type Step = (result: number, v: number, shift: number) => number;

/** Integers wrap at 32 bits as on the device, but not in doubles (constant folding). */
function arithmeticOf(
  kind: ReduceKind,
  type: WordType,
  exact: boolean,
): { step: Step; whole: (v: number) => number } {
  const keep = (v: number) => v;
  const wrap = exact || type === "f32"
    ? keep
    : type === "i32"
    ? (v: number) => v | 0
    : (v: number) => v >>> 0;
  const times = wrap === keep
    ? (a: number, b: number) => a * b
    : (a: number, b: number) => wrap(Math.imul(a, b));
  const steps: Record<ReduceKind, Step> = {
    sum: (sum, v) => sum + v,
    mean: (sum, v) => sum + v,
    logSum: (sum, v) => sum + v,
    logSumExp: (sum, v, shift) => sum + Math.exp(v - shift),
    max: (most, v) => Math.max(most, v),
    min: (least, v) => Math.min(least, v),
    product: times,
    l1: (sum, v) => sum + Math.abs(v),
    l2: (sum, v) => sum + times(v, v),
    sumOfSquares: (sum, v) => sum + times(v, v),
  };
  const step = steps[kind];
  return {
    step: wrap === keep || /^(max|min)$/.test(kind)
      ? step
      : (result, v, shift) => wrap(step(result, v, shift)),
    whole: type === "f32" ? keep : Math.trunc,
  };
}

export const reduce = kernel("reduce", {
  constants: constantsOf("kind", reduceKinds),
  writes: ["y"],
  grid: (n) => [Math.ceil((n.outer * n.inner) / 64)],
  reference,
});

export const reduceRows = kernel("reduce_rows", {
  constants: constantsOf("kind", reduceKinds),
  writes: ["y"],
  grid: (n) => [n.outer * n.inner],
  reference,
});
