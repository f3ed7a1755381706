// What a DPU holds and computes, in the terms of its target description (Vitis AI 3.5,
// target_factory/src/target.proto). Numbers that an engine accepts are written as there: "1-16" or "1,2,3,5,7".

export type Numbers = string;

/** A memory for parameters or activations: `count` banks of `depth` words of `width` values. */
export type Bank = { readonly count: number; readonly width: number; readonly depth: number };

/** Windows are limited in both directions alike. */
export type WindowLimits = { readonly kernel: Numbers; readonly stride: Numbers };

export type PadLimits = {
  readonly left: Numbers;
  readonly right: Numbers;
  readonly top: Numbers;
  readonly bottom: Numbers;
};

/** Computes convolutions, and fuses activations behind them. `input`, `output`: channels computed in parallel. */
export type ConvEngine = WindowLimits & {
  readonly input: number;
  readonly output: number;
  readonly weights: string;
  readonly activations: readonly string[];
};

/** Computes depthwise convolutions. */
export type DepthwiseEngine = WindowLimits & {
  readonly channels: number;
  readonly weights: string;
  readonly pads?: PadLimits;
  readonly activations: readonly string[];
};

/** `pads`: absent if a window's own size limits them. */
export type PoolEngine = WindowLimits & { readonly pads?: PadLimits };

export type Limits = {
  readonly name: string;
  readonly type: string;
  readonly isa: number;
  readonly fingerprint: bigint;
  readonly batch?: number;
  readonly banks: Readonly<Record<string, Bank>>;
  /** Channels loaded in parallel. */
  readonly load: number;
  readonly conv: ConvEngine;
  readonly depthwise?: DepthwiseEngine;
  readonly maxPool?: PoolEngine;
  readonly averagePool?: PoolEngine;
  /** One unit computes depthwise convolutions, pools and hard sigmoids; its average windows need not be square. */
  readonly alu: boolean;
  /** Computes maxima of windows of up to 100 by 2. */
  readonly reducesMax: boolean;
  /** Operators on two activations. */
  readonly eltwise: readonly ("add" | "mul")[];
  readonly hardSigmoid: boolean;
};

/** As many channels as a loop over them can address, in units of those computed in parallel. */
export const channelLoops = 256;

/** The only slope of a leaky ReLU: 26 / 2⁸. */
export const leakySlope = 26 / 256;

/** Whether `1-16` or `1,2,3` contains the number. */
export function holds(numbers: Numbers, value: number): boolean {
  return numbers.split(",").some((part) => {
    const [low, high = low] = part.split("-").map(Number);
    return Number.isInteger(value) && low <= value && value <= high;
  });
}

/** As messages show it: `[1, 2, 3]`, `[1-16]`. */
export function numbersText(numbers: Numbers): string {
  return `[${numbers.split(",").join(", ")}]`;
}
