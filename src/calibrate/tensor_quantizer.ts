// NVIDIA's TensorQuantizer: quantizes tensors as a descriptor says, and calibrates its amax from the tensors it sees.
import type { Machine } from "../plan/machine.ts";
import { clipWithin, type LearnedRange } from "../quantize/learned_range.ts";
import { codesAndValues } from "../quantize/on_machine.ts";
import {
  type CompleteDescriptor,
  completeDescriptor,
  labelOf,
  type QuantDescriptor,
} from "../quantize/quant_descriptor.ts";
import { codeEnds } from "../quantize/tensor_functions.ts";
import { floats, type Tensor, tensorOver } from "../tensor/tensor.ts";
import { type AmaxOptions, type Calibrator, calibrators } from "./calibrators.ts";
import { describe } from "./describe_quantizer.ts";
import type { Histogram } from "./histogram.ts";
import { measureAmax } from "./measure_tensor.ts";

/** What a quantizer does with a tensor from the start; `machine` computes, absent: the host. */
export type QuantizerState = {
  readonly machine?: Machine;
  /** Tensors pass unchanged (false). */
  readonly disabled?: boolean;
  readonly quant?: boolean;
  readonly calib?: boolean;
};

/**
 * Quantizes tensors as described. Without `amax` each tensor is quantized within its own; calibration fixes it.
 *
 * ```ts
 * const quantizer = new TensorQuantizer({ bits: 4, axis: 0, unsigned: true, fakeQuant: false });
 * const codes = await quantizer.forward(tensor("float32", [3, 4, 2], values)); // int32, 0 to 15
 * quantizer.scale; // three numbers: codes per unit, one per index of axis 0
 * ```
 */
export class TensorQuantizer {
  private descriptor: CompleteDescriptor;
  private readonly machine?: Machine;
  private readonly calibrator: Calibrator;
  private fixedAmax?: Float32Array;
  private lastScale?: Float32Array;
  private learned?: LearnedRange;
  private isDisabled: boolean;
  private quantizes: boolean;
  private collects: boolean;
  /** Whether amax was chosen from the statistics collected so far. */
  private isLoaded = false;

  /** @throws RangeError for a descriptor whose fields contradict each other. */
  constructor(given: QuantDescriptor = {}, state: QuantizerState = {}) {
    this.descriptor = completeDescriptor(given);
    this.calibrator = calibrators[this.descriptor.calibMethod]();
    const { amax, learnAmax } = this.descriptor;
    if (amax !== undefined) this.amax = amax;
    if (learnAmax) this.learned = rangeWithin(this.fixedAmax ?? Float32Array.of(1));
    this.machine = state.machine;
    this.isDisabled = state.disabled ?? false;
    this.quantizes = state.quant ?? true;
    this.collects = state.calib ?? false;
  }

  /**
   * The quantized tensor: values of codes (float32), or codes (int32) if the descriptor has `fakeQuant` false. Collects
   * the tensor's statistics first if calibration is enabled. Unchanged if quantization is disabled.
   * @throws RangeError for NaN, infinity, negative elements of unsigned codes, a shape without the axis or with another
   * number of channels than amax; TypeError if it is not float32.
   */
  async forward(x: Tensor): Promise<Tensor> {
    if (x.dtype !== "float32") {
      throw new TypeError(`Cannot quantize ${this.label()}'s tensor: it is ${x.dtype}, expected float32`);
    }
    if (this.isDisabled) return x;
    if (this.collects) await this.collect(x);
    const clipped = this.learned ? clipWithin(x, this.learned) : x;
    return this.quantizes ? await this.quantizeTensor(clipped) : clipped;
  }

  /** Adds the statistics of a tensor, as `forward` does with calibration enabled. */
  collect(x: Tensor): Promise<void> {
    return this.calibrator.collect(x, this.descriptor, this.machine);
  }

  /** Adds the histogram of magnitudes that a sweep over a model's data measured (of values, if codes are unsigned). */
  collectHistogram(histogram: Histogram): void {
    this.calibrator.add(histogram, this.descriptor);
  }

  /**
   * Collects statistics of the tensors from now on.
   * @throws RangeError if amax was loaded from statistics that are still kept: further data would be mixed with them.
   */
  enableCalib(): void {
    if (this.isLoaded) {
      throw new RangeError(
        `Cannot calibrate ${this.label()} again: its amax is from data that it still has; call resetCalib() first to ` +
          "start over, or loadCalibAmax() with another method to choose from the same data",
      );
    }
    this.collects = true;
  }

  disableCalib(): void {
    this.collects = false;
  }

  /** Forgets the statistics; amax stays. */
  resetCalib(): void {
    this.calibrator.reset();
    this.isLoaded = false;
  }

  enableQuant(): void {
    this.quantizes = true;
  }

  /** Tensors pass as they are (a learned range still clips them), while statistics may be collected. */
  disableQuant(): void {
    this.quantizes = false;
  }

  enable(): void {
    this.isDisabled = false;
  }

  /** Tensors pass unchanged and unseen. */
  disable(): void {
    this.isDisabled = true;
  }

  /** Whether tensors are quantized, and whether statistics of them are collected. */
  get isQuantEnabled(): boolean {
    return this.quantizes && !this.isDisabled;
  }
  get isCalibEnabled(): boolean {
    return this.collects && !this.isDisabled;
  }
  /** Whether `loadCalibAmax` has something to choose from. */
  get hasStatistics(): boolean {
    return !this.calibrator.isEmpty();
  }

  /**
   * Fixes amax as the statistics say. A histogram needs the method; without collecting anew, others may be tried.
   * @throws RangeError if no tensor was seen, and for options that do not fit the calibrator.
   *
   * ```ts
   * quantizer.loadCalibAmax({ method: "percentile", percentile: 99.9 });
   * ```
   */
  loadCalibAmax(options: AmaxOptions = {}): void {
    const found = this.calibrator.amax(this.descriptor, options);
    if (found === undefined) {
      throw new RangeError(
        `Cannot load the amax of ${this.label()}: its calibrator has seen no data; call enableCalib() and pass tensors ` +
          "first, or disable() it",
      );
    }
    this.setAmax(found);
    this.isLoaded = true;
  }

  /** The range that `learnAmax` learns: [−amax, amax] at first; gradients are in src/quantize/learned_range.ts. */
  get learnedRange(): LearnedRange | undefined {
    return this.learned;
  }
  set learnedRange(range: LearnedRange | undefined) {
    if (!this.descriptor.learnAmax || !range || !(range.low <= range.high)) {
      throw new RangeError(
        `Cannot set the learned range of ${this.label()} to ${range?.low}..${range?.high}: expected learnAmax and ` +
          "two rising ends",
      );
    }
    this.learned = range;
  }

  /** Starts learning at the calibrated amax. @throws RangeError without `learnAmax` or amax. */
  initLearnAmax(): void {
    if (!this.descriptor.learnAmax || !this.fixedAmax) {
      const state = this.descriptor.learnAmax
        ? "it has none, call loadCalibAmax() first"
        : "learnAmax is false";
      throw new RangeError(`Cannot learn the amax of ${this.label()}: ${state}`);
    }
    this.learned = rangeWithin(this.fixedAmax);
  }

  get bits(): number {
    return this.descriptor.bits;
  }
  set bits(bits: number) {
    this.descriptor = completeDescriptor({ ...this.descriptor, bits });
  }
  get unsigned(): boolean {
    return this.descriptor.unsigned;
  }
  set unsigned(unsigned: boolean) {
    this.descriptor = completeDescriptor({ ...this.descriptor, unsigned });
  }
  get narrowRange(): boolean {
    return this.descriptor.narrowRange;
  }
  set narrowRange(narrowRange: boolean) {
    this.descriptor = completeDescriptor({ ...this.descriptor, narrowRange });
  }
  get axis(): CompleteDescriptor["axis"] {
    return this.descriptor.axis;
  }
  get calibMethod(): CompleteDescriptor["calibMethod"] {
    return this.descriptor.calibMethod;
  }
  get fakeQuant(): boolean {
    return this.descriptor.fakeQuant;
  }

  /** The largest code: 2^(bits − 1) − 1, or 2^bits − 1 of unsigned codes. */
  get maxBound(): number {
    return codeEnds(this.descriptor)[1];
  }

  /** One number, or one per channel; undefined while each tensor is quantized within its own. */
  get amax(): Float32Array | undefined {
    return this.fixedAmax?.slice();
  }
  /** @throws RangeError for another number of channels than before, and for negative or infinite numbers. */
  set amax(value: number | ArrayLike<number> | undefined) {
    if (value === undefined) {
      throw new RangeError(`Cannot unset the amax of ${this.label()}: expected numbers`);
    }
    this.setAmax(typeof value === "number" ? Float32Array.of(value) : Float32Array.from(value));
  }

  /** The value of one code, amax / maxBound; undefined while amax is. */
  get stepSize(): Float32Array | undefined {
    return this.fixedAmax?.map((amax) => amax / this.maxBound);
  }

  /** Codes per unit of the last quantized tensor, one per channel; 1 where all codes are 0. Undefined before. */
  get scale(): Float32Array | undefined {
    return this.lastScale?.slice();
  }

  /** The amax in use: the learned one, or the fixed one times `scaleAmax`; undefined while each tensor has its own. */
  get effectiveAmax(): Float32Array | undefined {
    if (this.learned) return Float32Array.of(Math.max(-this.learned.low, this.learned.high));
    return this.fixedAmax && this.timesScaleAmax(this.fixedAmax);
  }

  /** As pytorch-quantization lists it: `TensorQuantizer(8bit fake per-tensor amax=2.6400 calibrator=… quant)`. */
  toString(): string {
    const { descriptor, calibrator, fixedAmax: amax, lastScale: scale, quantizes, collects } = this;
    if (this.isDisabled) return "TensorQuantizer(disabled)";
    const state = { amax, scale, quantizes, collects, calibrator: calibrator.name };
    return `TensorQuantizer(${describe(descriptor, state)})`;
  }

  private async quantizeTensor(x: Tensor): Promise<Tensor> {
    const { bits, unsigned, narrowRange, fakeQuant, axis } = this.descriptor;
    const amax = this.effectiveAmax ?? this.timesScaleAmax(await measureAmax(x, axis, this.machine));
    const options = {
      ...{ bits, unsigned, narrowRange, axis, shape: x.shape },
      amax: amax.length === 1 ? amax[0] : Array.from(amax),
    };
    const { codes, values, scale } = await codesAndValues(floats(x), options, this.machine);
    this.lastScale = scale.map((unit) => unit === Infinity ? 1 : unit);
    return fakeQuant ? tensorOver("float32", x.shape, values) : tensorOver("int32", x.shape, codes);
  }

  private timesScaleAmax(amax: Float32Array): Float32Array {
    const factor = Math.fround(this.descriptor.scaleAmax ?? 1);
    return amax.map((most) => most * factor);
  }

  private setAmax(value: Float32Array): void {
    const length = this.fixedAmax?.length ?? (this.descriptor.axis === undefined ? 1 : value.length);
    const isValid = value.every((most) => most >= 0 && Number.isFinite(most));
    if (value.length === length && length > 0 && isValid) {
      this.fixedAmax = value;
      return;
    }
    throw new RangeError(
      `Cannot set the amax of ${this.label()} to ${
        value.length > 4 ? `${value.length} numbers` : `[${value}]`
      }: ` +
        `expected ${length} finite ${length === 1 ? "number" : "numbers"} of at least 0`,
    );
  }

  private label(): string {
    return labelOf(this.descriptor, "a quantizer");
  }
}

function rangeWithin(amax: Float32Array): LearnedRange {
  const most = amax.reduce((a, b) => Math.max(a, b));
  return { low: -most, high: most };
}
