// What convolutions and pools have in common: windows, channels and padding.
import type { XirOp } from "../../xir/graph.ts";
import { channelLoops, holds, type Numbers, numbersText, type PadLimits } from "../limits/limits.ts";
import { type Breach, numbersOf } from "./rule.ts";

/** [width, height] */
type Pair = readonly number[];

export type Window = {
  readonly kernel: Pair;
  readonly stride: Pair;
  /** From the first element that a kernel reads to the last. */
  readonly dilated: Pair;
  /** [left, right, top, bottom] */
  readonly pad: readonly number[];
};

export function windowOf(op: XirOp): Window {
  const kernel = numbersOf(op, "kernel") ?? [1, 1];
  const dilation = numbersOf(op, "dilation") ?? [1, 1];
  return {
    kernel,
    stride: numbersOf(op, "stride") ?? [1, 1],
    dilated: kernel.map((size, i) => (size - 1) * (dilation[i] ?? 1) + 1),
    pad: numbersOf(op, "pad") ?? [0, 0, 0, 0],
  };
}

export function checkKernel([width, height]: Pair, allowed: Numbers): Breach | undefined {
  if (holds(allowed, width) && holds(allowed, height)) return undefined;
  const range = numbersText(allowed);
  return {
    constraint: `'kernel'(${width} x ${height}) is not in DPU supported range(${range}).`,
    change:
      `use a kernel whose width and height are in ${range}; two operators in a row cover a larger window`,
  };
}

/** A window as large as the image is computed once, with any stride. (Upstream's check never fires: it compares the
 * range with itself.) */
export function checkStride(
  { kernel, stride }: Window,
  allowed: Numbers,
  [, height, width]: readonly number[],
): Breach | undefined {
  if (kernel[0] === width && kernel[1] === height) return undefined;
  if (stride.every((one) => holds(allowed, one))) return undefined;
  const range = numbersText(allowed);
  return {
    constraint: `'stride'([${stride.join(", ")}]) is not in DPU supported range(${range}).`,
    change: `use strides in ${range}; a pool in front or behind can do the rest`,
  };
}

/** `kernel / stride` is the kernel of the convolutions that a transposed one is divided into. */
export function checkTransposedKernel({ kernel, stride }: Window, allowed: Numbers): Breach | undefined {
  const found = kernel.findIndex((size, i) => {
    const part = Math.floor(size / stride[i]);
    return !holds(allowed, part) || (size % stride[i] !== 0 && !holds(allowed, part + 1));
  });
  if (found < 0) return undefined;
  const range = numbersText(allowed);
  return {
    constraint: `'kernel / stride'(${kernel[found]} / ${
      stride[found]
    }) is not in DPU supported range${range}.`,
    change: `use a kernel and a stride whose quotient is in ${range}`,
  };
}

/** `parallel`: how many channels an engine computes at once. */
export function checkInputChannels(channels: number, parallel: number): Breach | undefined {
  const limit = channelLoops * parallel;
  if (channels <= limit) return undefined;
  return {
    constraint: `DPU only supports 'input_channel'(${channels}) less than (${limit})`,
    change: `use at most ${limit} channels: split the input and add the results`,
  };
}

export function checkOutputChannels(channels: number, parallel: number): Breach | undefined {
  const limit = channelLoops * parallel;
  if (channels <= limit) return undefined;
  return {
    constraint: `DPU only support 'output_channel'(${channels}) less than ${limit}`,
    change: `use at most ${limit} output channels: concatenate the results of two operators`,
  };
}

const sides = ["left", "right", "top", "bottom"] as const;
const kernelNames = ["kernel_width", "kernel_width", "kernel_height", "kernel_height"];
const padChange = (most: number | string) => `pad by at most ${most} there, or with a Pad operator in front`;

function checkNegative(pad: readonly number[]): Breach | undefined {
  if (pad.every((one) => one >= 0)) return undefined;
  return {
    constraint: `DPU only support non-negative 'pad'([${pad.join(", ")}])`,
    change: "crop with a Slice instead",
  };
}

/** Of a padded side at most a whole kernel: `kernel` as it is or dilated. */
export function checkPads(pad: readonly number[], kernel: Pair): Breach | undefined {
  const negative = checkNegative(pad);
  if (negative) return negative;
  const side = pad.findIndex((one, i) => one > kernel[i >> 1]);
  if (side < 0) return undefined;
  const most = kernel[side >> 1];
  return {
    constraint: `DPU only supports 'pad_${sides[side]}'(${pad[side]}) less than '${
      kernelNames[side]
    }'(${most})`,
    change: padChange(most),
  };
}

/** `limits`: of an engine that has its own; absent: as `checkPads`. */
export function checkPadsWithin(
  pad: readonly number[],
  kernel: Pair,
  limits: PadLimits | undefined,
): Breach | undefined {
  if (!limits) return checkPads(pad, kernel);
  const negative = checkNegative(pad);
  if (negative) return negative;
  const side = pad.findIndex((one, i) => !holds(limits[sides[i]], one));
  if (side < 0) return undefined;
  const range = numbersText(limits[sides[side]]);
  return {
    constraint: `pad_${sides[side]}(${pad[side]}) is not in range${range}.`,
    change: padChange(limits[sides[side]].split("-").at(-1)!),
  };
}
