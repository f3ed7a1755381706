// Operators that exporters write as subgraphs, as rows: each finds attributes and weights from the subgraph's values.
// src/passes/recognize.ts then compares those values with the operator's, so that no row depends on how the subgraph
// is written.
import { floatAttribute, intAttribute, textAttribute } from "../../graph/attribute.ts";
import type { Attribute } from "../../graph/graph.ts";

export type Found = {
  readonly attributes?: Readonly<Record<string, Attribute>>;
  /** Further inputs, one number per position of a line. */
  readonly weights?: readonly Float64Array[];
};

/** A scalar function, with constant parameters or with parameters found from `f` (undefined if none fit). */
export type FunctionRow = {
  readonly opType: string;
  readonly from: Found | ((f: (x: number) => number) => Found | undefined);
};

/** The points at which scalar functions are compared; `from` may evaluate these only. */
export const places: readonly number[] = [
  ...Array.from({ length: 97 }, (_, i) => (i - 48) / 4),
  ...[1 / 64, -20, 20, -40, 40, -80, 80],
];

/** x · sigmoid(alpha · x) at 1. */
function swish(f: (x: number) => number): Found | undefined {
  const share = f(1);
  if (share <= 0.5 || share >= 0.999) return undefined;
  const alpha = Math.log(share / (1 - share));
  return { attributes: { alpha: floatAttribute(nearby(alpha)) } };
}

/** clip(alpha · x + beta, 0, 1), with the slope at the last point that is not clipped. */
function hardSigmoid(f: (x: number) => number): Found | undefined {
  const beta = f(0);
  const last = Math.max(0, ...places.filter((x) => x > 0 && f(x) > beta && f(x) < 1));
  if (beta <= 0 || beta >= 1 || last === 0) return undefined;
  const alpha = (f(last) - beta) / last;
  return { attributes: { alpha: floatAttribute(alpha), beta: floatAttribute(beta) } };
}

function leakyRelu(f: (x: number) => number): Found | undefined {
  const alpha = -f(-1);
  if (alpha <= 0 || alpha >= 1 || f(1) !== 1) return undefined;
  return { attributes: { alpha: floatAttribute(alpha) } };
}

/** Rounds to a number of few digits, as files write it. */
function nearby(value: number): number {
  const short = Number(value.toPrecision(4));
  return Math.abs(short - value) <= 1e-5 * Math.abs(value) ? short : value;
}

export const functionRows: readonly FunctionRow[] = [
  { opType: "HardSwish", from: {} },
  { opType: "Swish", from: swish },
  { opType: "Gelu", from: { attributes: { approximate: textAttribute("none") } } },
  { opType: "Gelu", from: { attributes: { approximate: textAttribute("tanh") } } },
  { opType: "Mish", from: {} },
  { opType: "Sigmoid", from: {} },
  { opType: "Softplus", from: {} },
  { opType: "HardSigmoid", from: hardSigmoid },
  { opType: "LeakyRelu", from: leakyRelu },
];

/** A function of a line of numbers, along the last axis. */
export type LineRow = {
  readonly opType: string;
  readonly from: (f: (line: number) => ArrayLike<number>) => Found | undefined;
};

/** The lines on which such functions are compared: one, its negative, both scaled by 1/1000, and others. */
export function linesOf(width: number): readonly Float64Array[] {
  const part = (i: number, seed: number) => (((i + seed) * 7919) % 1009) / 1008 - 0.5;
  // Far from its mean everywhere, so that weights can be divided out.
  const line = Float64Array.from({ length: width }, (_, i) => (i % 2 ? -1 : 1) * (1 + part(i, 3) / 4));
  const scale = (factor: number) => line.map((value) => value * factor);
  const others = [1, 30, 0.1, 1e-3].map((size, k) =>
    Float64Array.from({ length: width }, (_, i) => size * (part(i, 40 * k) + k / 4))
  );
  // For equal elements only epsilon matters, which excludes functions that merely compare elements.
  const equal = new Float64Array(width).fill(0.25);
  return [line, scale(-1), scale(small), scale(-small), ...others, equal];
}

const small = 1e-3;

/**
 * y = gain · (x − mean) / √(variance + ε) + shift, with mean 0 unless `centered`. Half the sum of the results for a
 * line and its negative is the shift; half the difference, compared with that of scaled lines, gives ε.
 */
function normalization(opType: string, centered: boolean): LineRow {
  const from = (f: (line: number) => ArrayLike<number>): Found | undefined => {
    const [large, negative, little, littleNegative] = [0, 1, 2, 3].map(f);
    const [line] = linesOf(large.length);
    const mean = centered ? line.reduce((sum, value) => sum + value, 0) / line.length : 0;
    const variance = line.reduce((sum, value) => sum + (value - mean) ** 2, 0) / line.length;
    const half = (a: ArrayLike<number>, b: ArrayLike<number>, sign: number) =>
      line.map((_, i) => (a[i] + sign * b[i]) / 2);
    const [difference, smaller] = [half(large, negative, -1), half(little, littleNegative, -1)];
    const norm = (values: Float64Array) => Math.hypot(...values);
    const ratio = (norm(smaller) / norm(difference)) ** 2;
    const epsilon = small ** 2 * variance * Math.max(0, 1 - ratio) / (ratio - small ** 2);
    if (!(epsilon >= 0 && epsilon < 1)) return undefined;
    const deviation = Math.sqrt(variance + epsilon);
    const gain = difference.map((value, i) => value * deviation / (line[i] - mean));
    const shift = half(large, negative, 1);
    const isShifted = shift.some((value) => value !== 0);
    if (isShifted && !centered) return undefined;
    const isPlain = gain.every((value) => Math.abs(value - 1) < 1e-6);
    const weights = [isPlain ? gain.fill(1) : gain, ...isShifted ? [shift] : []];
    return {
      attributes: { axis: intAttribute(-1), epsilon: floatAttribute(Number(epsilon.toPrecision(4))) },
      weights,
    };
  };
  return { opType, from };
}

export const lineRows: readonly LineRow[] = [
  {
    opType: "LpNormalization",
    from: () => ({ attributes: { axis: intAttribute(-1), p: intAttribute(2) } }),
  },
  normalization("LayerNormalization", true),
  normalization("RMSNormalization", false),
];
