// Products of matrices, which the DPU computes as convolutions.
import type { Rule } from "./rule.ts";

/** (Upstream leaves products of two activations to the compiler, which cannot load the second one as weights.) */
export const matmul: Rule = ({ argument }) => {
  const factors = argument("input");
  if (factors.some(({ type }) => type === "const")) return undefined;
  return {
    constraint: "DPU only supports matmul with constant weights, but both inputs of this op are activations.",
    change: "use a product with constant weights, such as a convolution",
  };
};
