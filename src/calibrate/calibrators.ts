// The calibrators of NVIDIA's pytorch-quantization: what is kept of the tensors that a quantizer sees, and the amax
// chosen from it. Both statistics merge exactly, so the order of the tensors does not matter.
import type { Machine } from "../plan/machine.ts";
import type { Scheme } from "../quantize/encoding.ts";
import { type CalibMethod, type CompleteDescriptor, labelOf } from "../quantize/quant_descriptor.ts";
import { requireFinite } from "../quantize/tensor_functions.ts";
import { floats, type Tensor } from "../tensor/tensor.ts";
import { empty, type Histogram, merge } from "./histogram.ts";
import { measureAmax, measureHistograms } from "./measure_tensor.ts";
import { solve } from "./solve.ts";

/** The range methods of NVIDIA's histogram calibrator. */
export const amaxMethods = ["entropy", "mse", "percentile"] as const;
export type AmaxMethod = (typeof amaxMethods)[number];

/** How amax is chosen from a histogram. */
export type AmaxOptions = {
  readonly method?: AmaxMethod;
  /** The share of magnitudes to keep, 0 < p ≤ 100 (99.99). */
  readonly percentile?: number;
  /** entropy, mse: the first candidate, in bins of 2,048 over the magnitudes (128). */
  readonly startBin?: number;
  /** entropy, mse: bins from one candidate to the next (1). */
  readonly stride?: number;
};

export interface Calibrator {
  /** Its name in NVIDIA's listings. */
  readonly name: string;
  /** @throws RangeError for NaN, infinity, negative elements of unsigned codes, and another number of channels. */
  collect(x: Tensor, of: CompleteDescriptor, machine?: Machine): Promise<void>;
  /** Adds what a sweep measured, see `observeMagnitudes`. */
  add(histogram: Histogram, of: CompleteDescriptor): void;
  /** One number, or one per channel; undefined before data. @throws RangeError for options that do not fit. */
  amax(of: CompleteDescriptor, options: AmaxOptions): Float32Array | undefined;
  isEmpty(): boolean;
  reset(): void;
}

/** Makes a calibrator without data. */
export const calibrators: Readonly<Record<CalibMethod, () => Calibrator>> = {
  max: maxCalibrator,
  histogram: histogramCalibrator,
};

function maxCalibrator(): Calibrator {
  let largest: Float32Array | undefined;
  const add = (found: Float32Array, of: CompleteDescriptor) => {
    requireChannels(found.length, largest?.length, of);
    largest = largest ? largest.map((most, i) => Math.max(most, found[i])) : found;
  };
  return {
    name: "MaxCalibrator",
    async collect(x, of, machine) {
      requireFinite(floats(x), of.unsigned, labelOf(of, "a tensor"));
      add(await measureAmax(x, of.axis, machine), of);
    },
    add(histogram, of) {
      requireOneScale(of);
      requireNonNegative(histogram, of);
      if (histogram.total > 0) add(Float32Array.of(histogram.high), of);
    },
    amax(of, options) {
      const given = Object.keys(options).find((key) => options[key as keyof AmaxOptions] !== undefined);
      if (given === undefined) return largest;
      throw new RangeError(
        `Cannot choose the amax of ${
          labelOf(of, "a tensor")
        } by ${given}: its calibrator keeps only the largest ` +
          'magnitude; describe it with calibMethod "histogram"',
      );
    },
    isEmpty: () => largest === undefined,
    reset() {
      largest = undefined;
    },
  };
}

function histogramCalibrator(): Calibrator {
  let all: readonly Histogram[] = [];
  const add = (found: readonly Histogram[], of: CompleteDescriptor) => {
    requireChannels(found.length, all.length || undefined, of);
    for (const histogram of found) requireNonNegative(histogram, of);
    all = found.map((histogram, i) => merge(all[i] ?? empty, histogram));
  };
  const isEmpty = () => all.every(({ total }) => total === 0);
  return {
    name: "HistogramCalibrator",
    async collect(x, of, machine) {
      requireFinite(floats(x), of.unsigned, labelOf(of, "a tensor"));
      add(await measureHistograms(x, of, machine), of);
    },
    add(histogram, of) {
      requireOneScale(of);
      add([histogram], of);
    },
    amax: (of, options) =>
      isEmpty() ? undefined : Float32Array.from(all, (histogram) => amaxFrom(histogram, of, options)),
    isEmpty,
    reset() {
      all = [];
    },
  };
}

/** The amax that a method chooses for these values. */
function amaxFrom(
  histogram: Histogram,
  of: CompleteDescriptor,
  { method, percentile, startBin, stride }: AmaxOptions,
): number {
  if (method === undefined || !amaxMethods.includes(method)) {
    throw new RangeError(
      `Cannot choose the amax of ${labelOf(of, "a tensor")} by method ${method}: expected one of ${
        amaxMethods.join(", ")
      }`,
    );
  }
  const scheme = schemeFor(of, method);
  return solve(method, histogram, scheme, { percentage: percentile, startBin, stride }).high;
}

/** Unsigned codes are all on one side, where each method has twice the levels; percentiles count magnitudes. */
function schemeFor({ bits, unsigned }: CompleteDescriptor, method: AmaxMethod): Scheme {
  const isOneSided = unsigned && method !== "percentile";
  return { bits, signed: !isOneSided, symmetric: !isOneSided };
}

function requireNonNegative({ low, total }: Histogram, of: CompleteDescriptor): void {
  if (!of.unsigned || total === 0 || low >= 0) return;
  throw new RangeError(
    `Cannot calibrate ${
      labelOf(of, "a tensor")
    }: its codes are unsigned, but it has values down to ${low}; ` +
      "quantize it with signed codes",
  );
}

function requireChannels(found: number, expected: number | undefined, of: CompleteDescriptor): void {
  if (expected === undefined || found === expected) return;
  throw new RangeError(
    `Cannot calibrate ${
      labelOf(of, "a tensor")
    }: it has ${found} channels, expected ${expected} as in those ` +
      "before; quantize along another axis, or not per channel",
  );
}

function requireOneScale(of: CompleteDescriptor): void {
  if (of.axis === undefined) return;
  throw new RangeError(
    `Cannot calibrate ${
      labelOf(of, "a tensor")
    } per channel: a sweep measures one range per tensor; leave out axis`,
  );
}
