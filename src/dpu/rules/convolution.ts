// Convolutions and transposed convolutions, in two dimensions and in three.
import type { Bank, ConvEngine, Limits } from "../limits/limits.ts";
import { type Breach, channelsOf, type Rule, type Site } from "./rule.ts";
import {
  checkInputChannels,
  checkKernel,
  checkOutputChannels,
  checkPads,
  checkStride,
  checkTransposedKernel,
  windowOf,
} from "./window.ts";

/** A result larger than its window reaches. */
export function checkOutputPadding({ op }: Site): Breach | undefined {
  if ((op.outputPadding ?? []).every((one) => one === 0)) return undefined;
  return {
    constraint: "DPU does not support output_padding.",
    change: "set output_padding to 0 and pad or resize the result instead",
  };
}

/** Groups other than one per channel. (Upstream leaves this to the compiler, which runs them on the CPU: UG1414.) */
function checkGroups({ op, input }: Site): Breach | undefined {
  const { group = 1 } = op.attributes;
  if (group === 1) return undefined;
  const channels = channelsOf(input);
  return {
    constraint:
      `DPU only supports 'group' 1 or 'input_channel'(${channels}), but this op has group ${group}.`,
    change: "use one group, or as many groups as channels; or split the input into one convolution per group",
  };
}

/** Whether the weights that one result needs fit into their banks. */
function checkWeightBank(site: Site, engine: ConvEngine, bank: Bank): Breach | undefined {
  const { kernel: [width, height] } = windowOf(site.op);
  const [weights] = site.argument("weights");
  const channels = weights?.shape.at(-1) ?? channelsOf(site.input);
  const shares = Math.ceil(engine.output / bank.count);
  const depth = width * height * Math.ceil(channels / bank.width) * shares;
  if (depth <= bank.depth) return undefined;
  const fitting = Math.floor(bank.depth / (width * height * shares)) * bank.width;
  const shape = weights ? [...weights.shape] : [channelsOf(site.op.shape), height, width, channels];
  return {
    constraint:
      `Weights([${
        shape.join(", ")
      }]) is too large to be loaded into parameter buffer. 'kernel_h * kernel_w * ⌈input_channel / ` +
      `weights_bank_width⌉ * ⌈output_channel_parallel / weights_bank_num⌉(${depth})' is supposed to be less equal ` +
      `than ${bank.depth}.`,
    change: fitting > 0
      ? `use at most ${fitting} input channels with this kernel, or a smaller kernel`
      : "use a smaller kernel",
  };
}

export const conv2d: Rule = (site, { conv, banks }) => {
  const window = windowOf(site.op);
  return checkGroups(site) ??
    checkKernel(window.kernel, conv.kernel) ??
    checkWeightBank(site, conv, banks[conv.weights]) ??
    checkStride(window, conv.stride, site.input) ??
    checkInputChannels(channelsOf(site.input), conv.input) ??
    checkPads(window.pad, window.dilated);
};

export const transposedConv2d: Rule = (site, { conv, banks }) => {
  const window = windowOf(site.op);
  return checkGroups(site) ??
    checkOutputPadding(site) ??
    checkTransposedKernel(window, conv.kernel) ??
    checkWeightBank(site, conv, banks[conv.weights]) ??
    checkInputChannels(channelsOf(site.input), conv.input) ??
    checkOutputChannels(channelsOf(site.op.shape), conv.input) ??
    checkPads(window.pad, window.kernel);
};

const solid = "DPUCVDX8G";

function checkSolid({ op }: Site, { name, type }: Limits): Breach | undefined {
  if (type === solid) return undefined;
  return {
    constraint: `${name} does not support ${op.type}. Only ${solid} support this.`,
    change: `use convolutions in two dimensions, or a ${solid}`,
  };
}

export const conv3d: Rule = (site, limits) => checkSolid(site, limits);

export const transposedConv3d: Rule = (site, limits) => checkSolid(site, limits) ?? checkOutputPadding(site);
