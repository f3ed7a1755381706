// The cases that are not run, with reasons. The first rule that applies gives the reason.
import type { PortType, Vector } from "./vectors.ts";

export type Skip = { readonly reason: string; readonly applies: (vector: Vector) => boolean };

/** Types that halftone computes with. A case with any other is skipped, not failed. */
const promised = /^(float32|bool|u?int(8|16|32|64))$/;

const holds = (type: RegExp) => ({ types }: Vector) => types.some((one: PortType) => type.test(one));
const uses = (operator: RegExp) => ({ operators }: Vector) => operators.some((one) => operator.test(one));

export const skips: readonly Skip[] = [
  {
    reason: "training operators (ai.onnx.preview.training)",
    applies: uses(/^ai\.onnx\.preview\.training::/),
  },
  { reason: "classical machine learning (ai.onnx.ml)", applies: uses(/^ai\.onnx\.ml::/) },
  { reason: "optional types", applies: either(holds(/^optional$/), uses(/^Optional/)) },
  {
    reason: "sequence types",
    applies: either(holds(/^sequence$/), uses(/^Sequence|^(SplitTo|ConcatFrom)Sequence$/)),
  },
  { reason: "map and sparse types", applies: holds(/^(map|sparse tensor)$/) },
  { reason: "string elements", applies: holds(/^string$/) },
  { reason: "complex elements", applies: holds(/^complex/) },
  { reason: "float8 elements", applies: holds(/^float8/) },
  { reason: "elements of 2 or 4 bits", applies: holds(/^(u?int[24]|float4.*)$/) },
  {
    // ONNX's own reference test leaves Bernoulli out: "non-deterministic … even if a seed is specified".
    reason: "random numbers, for which ONNX prescribes no generator",
    applies: uses(/^(Bernoulli|Multinomial|Random(Normal|Uniform)(Like)?)$/),
  },
  {
    reason: "Dropout in training draws random numbers",
    applies: ({ name }) => /^test_training_dropout(?!_zero_ratio)/.test(name),
  },
  { reason: "codecs of image files: there is no arithmetic in them", applies: uses(/^ImageDecoder$/) },
  {
    reason: "not float32, integer or bool",
    applies: ({ types }) => types.some((one) => !promised.test(one)),
  },
];

function either(...rules: readonly Skip["applies"][]): Skip["applies"] {
  return (vector) => rules.some((rule) => rule(vector));
}

/** Why a case is not run, or undefined. */
export function skipReason(vector: Vector): string | undefined {
  return skips.find(({ applies }) => applies(vector))?.reason;
}
