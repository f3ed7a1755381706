// Operators on single elements: sums, products and activations.
import type { Limits } from "../limits/limits.ts";
import { leakySlope } from "../limits/limits.ts";
import { checkDepthwise } from "./depthwise.ts";
import { type Breach, channelsOf, type Rule, type Site } from "./rule.ts";
import type { Window } from "./window.ts";

function checkEltwise(kind: "add" | "mul", { name, eltwise }: Limits, prefix = ""): Breach | undefined {
  if (eltwise.includes(kind)) return undefined;
  const [first] = eltwise;
  return {
    constraint: `${prefix}${name} does not support eltwise ${kind.toUpperCase()}.`,
    change: kind === "mul"
      ? "multiply by one constant per channel, which becomes a depthwise convolution, or leave the product out"
      : `use ${first ?? "a convolution"} instead`,
  };
}

export const add: Rule = (_, limits) => checkEltwise("add", limits);

const pointwise: Window = { kernel: [1, 1], stride: [1, 1], dilated: [1, 1], pad: [0, 0, 0, 0] };

/** The constant factor, if there is one. */
function factorOf({ argument }: Site): readonly number[] | undefined {
  return argument("input").find(({ type }) => type === "const")?.shape;
}

/** Why a product with a constant is no depthwise convolution of 1 by 1. */
function checkFactor(
  input: readonly number[],
  factor: readonly number[],
  limits: Limits,
): string | undefined {
  const channels = channelsOf(input);
  const perChannel = factor.slice(0, -1).every((one) => one === 1) &&
    [1, channels].includes(channelsOf(factor));
  if (input.length > 4 || !perChannel) {
    return `mul's input has the tensor dimension [${
      input.join(", ")
    }] and weights has the tensor dimension [${factor.join(", ")}].`;
  }
  return checkDepthwise(pointwise, input, input, limits)?.constraint;
}

export const mul: Rule = (site, limits) => {
  const factor = factorOf(site);
  const problem = factor && checkFactor(site.op.shape, factor, limits);
  if (factor && problem === undefined) return undefined;
  const prefix = problem ? `Try to convert mul to DepthwiseConv2d failed.${problem}` : "";
  return checkEltwise("mul", limits, prefix);
};

/** The convolution on this DPU that computes an activation of its result on the way out. */
function fusesInto({ op, argument }: Site, { conv }: Limits): boolean {
  const [producer] = argument("input");
  return producer?.type === "conv2d" && conv.activations.includes(op.type);
}

/** Behind a convolution whose engine has it, or in an ALU. (Upstream 3.5 requires the ALU; 2.5 fused it, too.) */
export const hardActivation: Rule = (site, limits) => {
  if (limits.hardSigmoid || fusesInto(site, limits)) return undefined;
  return {
    constraint: "This target does not support single hard-sigmoid.",
    change: limits.conv.activations.includes(site.op.type)
      ? "place it directly behind a convolution"
      : "use relu or relu6 instead",
  };
};

function checkEngines({ op }: Site, { name, alu, conv, depthwise }: Limits): Breach | undefined {
  if (alu || conv.activations.includes(op.type) || depthwise?.activations.includes(op.type)) return undefined;
  return { constraint: `${name} does not support ${op.type}.`, change: "use relu instead" };
}

/** (Upstream leaves what an engine has to the compiler.) */
export const activation: Rule = checkEngines;

export const leakyRelu: Rule = (site, limits) => {
  const { alpha } = site.op.attributes;
  // The attribute is a float32.
  if (Math.fround(Number(alpha)) !== leakySlope) {
    return {
      constraint: `Its alpa is ${alpha}, but DPU only support ${leakySlope}.`,
      change: `train with a slope of ${leakySlope} (26 / 256)`,
    };
  }
  return checkEngines(site, limits);
};
