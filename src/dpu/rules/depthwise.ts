// Depthwise convolutions, and operators that the DPU can compute as one.
import type { DepthwiseEngine, Limits } from "../limits/limits.ts";
import { checkOutputPadding } from "./convolution.ts";
import { type Breach, channelsOf, type Rule } from "./rule.ts";
import {
  checkInputChannels,
  checkKernel,
  checkOutputChannels,
  checkPadsWithin,
  checkStride,
  checkTransposedKernel,
  type Window,
  windowOf,
} from "./window.ts";

type Shape = readonly number[];

function withoutEngine({ name }: Limits): Breach {
  return {
    constraint: `${name} does not have depthwise-conv-engine.`,
    change: "use a convolution with one group, or a DPU with such an engine",
  };
}

function checkWeightBank(
  { kernel: [width, height] }: Window,
  engine: DepthwiseEngine,
  { banks }: Limits,
): Breach | undefined {
  const bank = banks[engine.weights];
  const depth = width * height * Math.ceil(engine.channels / bank.width);
  if (depth <= bank.depth) return undefined;
  return {
    constraint: `Weights of kernel ${width} x ${height} is too large to be loaded into parameter buffer. ` +
      `'kernel_h * kernel_w * ⌈channel_parallel / weights_bank_width⌉(${depth})' is supposed to be less equal than ` +
      `${bank.depth}.`,
    change: "use a smaller kernel",
  };
}

/** DPUCAHX8H moves its window by at most its width. */
function checkStep({ kernel, stride }: Window, { name, type }: Limits): Breach | undefined {
  if (type !== "DPUCAHX8H" || stride[0] <= kernel[0]) return undefined;
  return {
    constraint: `The stride_w(${stride[0]}) > kernel_w(${
      kernel[0]
    }), but ${name} only support stride_w <= kernel_w.`,
    change: `use a stride of at most ${kernel[0]}`,
  };
}

/** A depthwise convolution of these shapes. */
export function checkDepthwise(
  window: Window,
  input: Shape,
  output: Shape,
  limits: Limits,
): Breach | undefined {
  const { depthwise } = limits;
  if (!depthwise) return withoutEngine(limits);
  return checkStep(window, limits) ??
    checkKernel(window.kernel, depthwise.kernel) ??
    checkStride(window, depthwise.stride, input) ??
    checkInputChannels(channelsOf(input), depthwise.channels) ??
    checkOutputChannels(channelsOf(output), depthwise.channels) ??
    checkWeightBank(window, depthwise, limits) ??
    checkPadsWithin(window.pad, window.dilated, depthwise.pads);
}

export const depthwiseConv2d: Rule = ({ op, input }, limits) =>
  checkDepthwise(windowOf(op), input, op.shape, limits);

/** A transposed depthwise convolution of these shapes. (Upstream forgets the breach of its output channels.) */
export function checkTransposedDepthwise(
  window: Window,
  input: Shape,
  output: Shape,
  limits: Limits,
): Breach | undefined {
  const { depthwise } = limits;
  if (!depthwise) return withoutEngine(limits);
  return checkTransposedKernel(window, depthwise.kernel) ??
    checkInputChannels(channelsOf(input), depthwise.channels) ??
    checkOutputChannels(channelsOf(output), depthwise.channels) ??
    checkPadsWithin(window.pad, window.kernel, depthwise.pads);
}

export const transposedDepthwiseConv2d: Rule = (site, limits) => {
  const { op, input } = site;
  const breach = checkTransposedDepthwise(windowOf(op), input, op.shape, limits);
  return limits.depthwise ? checkOutputPadding(site) ?? breach : breach;
};
