// The points of a calibration, for files and reports: range, encoding, histogram, and the ranges by other methods.
import type { Histogram } from "../calibrate/histogram.ts";
import { codesOf, type Encoding, type Encodings, type Range } from "../quantize/encoding.ts";
import type { Points } from "../quantize/points.ts";
import type { CalibratedPoint } from "./results.ts";

export type Measured = {
  readonly points: Points;
  readonly encodings: Encodings;
  readonly histograms: ReadonlyMap<string, Histogram>;
  readonly ranges: ReadonlyMap<string, Readonly<Record<string, Range>>>;
};

/** Activations in the graph's order, then weights, then biases; those that stay float are left out. */
export function pointsOf({ points, encodings, histograms, ranges }: Measured): CalibratedPoint[] {
  const point = (name: string, kind: CalibratedPoint["kind"]): CalibratedPoint => {
    const encoding = encodings.get(name)!;
    if (encoding.datatype) {
      return { name, kind, ...observedRange(histograms.get(name)), scale: [], zeroPoint: [] };
    }
    return {
      name,
      kind,
      ...extentOf(encoding),
      scale: Array.from(encoding.scale),
      zeroPoint: Array.from(encoding.zeroPoint),
    };
  };
  const isEncoded = (name: string) => encodings.has(name);
  const activations = points.activations.filter(isEncoded).map((name): CalibratedPoint => {
    const { first, exponent, counts } = histograms.get(name)!;
    const histogram = { first, exponent, counts: Array.from(counts) };
    return { ...point(name, "activation"), histogram, methods: ranges.get(name) };
  });
  const names = [...points.weights, ...points.tables].map(({ name }) => name).filter(isEncoded);
  const weights = new Map(names.map((name) => [name, point(name, "weight")]));
  const biases = points.weights.flatMap(({ bias }) =>
    bias && encodings.has(bias) ? [point(bias, "bias")] : []
  );
  return [...activations, ...weights.values(), ...biases];
}

/** The points with tuned encodings; biases that tuning added are last. */
export function updatePoints(
  points: readonly CalibratedPoint[],
  { encodings, points: { weights } }: Retuned,
) {
  const known = new Set(points.map(({ name }) => name));
  const added = weights.flatMap(({ bias }) =>
    bias && !known.has(bias) ? [{ name: bias, kind: "bias" as const }] : []
  );
  return [...points, ...added].map((point): CalibratedPoint => {
    const encoding = encodings.get(point.name);
    // 16-bit floats have no codes.
    if (!encoding || encoding.datatype) return point as CalibratedPoint;
    const [scale, zeroPoint] = [Array.from(encoding.scale), Array.from(encoding.zeroPoint)];
    const isAsBefore = "scale" in point && scale.join() === point.scale.join();
    if (point.kind === "activation" && isAsBefore) return point as CalibratedPoint;
    return { ...point, ...extentOf(encoding), scale, zeroPoint };
  });
}

type Retuned = Pick<Measured, "points" | "encodings">;

function observedRange(histogram: Histogram | undefined): Range {
  return { low: histogram?.low ?? 0, high: histogram?.high ?? 0 };
}

/** The smallest and largest value of any code, over all channels. */
export function extentOf(encoding: Encoding): { low: number; high: number } {
  const [codeLow, codeHigh] = codesOf(encoding);
  let [low, high] = [0, 0];
  encoding.scale.forEach((scale, c) => {
    low = Math.min(low, (codeLow - encoding.zeroPoint[c]) * scale);
    high = Math.max(high, (codeHigh - encoding.zeroPoint[c]) * scale);
  });
  return { low, high };
}
