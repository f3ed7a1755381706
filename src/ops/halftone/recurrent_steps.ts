// The chain of steps in recurrent layers of one direction: [gates, weights, state, …] to [every state, last state].
// src/ops/recurrent.ts expands to these; layouts are the kernels'.
import { UnsupportedError } from "../../error.ts";
import type { StaticValue } from "../../graph/graph.ts";
import { copyNumbers, copyStrided } from "../../kernels/copy_strided.ts";
import { type Call, call } from "../../kernels/kernel.ts";
import { activationKinds, gruGates, gruStep, lstmStep, rnnStep } from "../../kernels/recurrent.ts";
import { elementCount } from "../../tensor/shape.ts";
import { unlimited } from "../lowering/clamp.ts";
import {
  float,
  floats,
  int,
  type Lowering,
  op,
  type Operand,
  requireInput,
  text,
  texts,
} from "../declare/op.ts";

const attributes = {
  activations: texts(),
  alphas: floats(),
  betas: floats(),
  clip: float(unlimited),
  direction: text("forward"),
};
type Attributes = {
  readonly activations: readonly string[];
  readonly alphas: readonly number[];
  readonly betas: readonly number[];
  readonly clip: number;
  readonly direction: string;
};

/** The numbers of steps, sequences and units. */
function sizesOf(inputs: readonly (StaticValue | undefined)[]) {
  const [steps, batch] = requireInput(inputs, 0).shape;
  return { steps, batch, hidden: requireInput(inputs, 2).shape.at(-1)! };
}

function infer(inputs: readonly (StaticValue | undefined)[]): StaticValue[] {
  const { steps, batch, hidden } = sizesOf(inputs);
  const { dtype, shape } = requireInput(inputs, 2);
  return [{ dtype, shape: [steps, batch, hidden] }, { dtype, shape }];
}

/** The functions f, g, h as kernel numbers. */
function functionNumbers({ activations, alphas, betas, clip }: Attributes): Record<string, number> {
  const entries = activations.flatMap((name, i) => {
    const kind = activationKinds.findIndex((one) => one === name);
    const which = "fgh"[i];
    return [[`${which}_kind`, kind], [`${which}_alpha`, alphas[i]], [`${which}_beta`, betas[i]]] as const;
  });
  return { ...Object.fromEntries(entries), clip };
}

type Step = (state: string, next: string, numbers: Record<string, number>) => Call[];

/** Each step is one or two calls: a plan of more takes gigabytes on the host. */
const mostSteps = 2 ** 17;

/** The calls of all steps, forwards or backwards; the state alternates between buffers. */
function chainSteps(
  { inputs, outputs, scratch }: Lowering,
  attributes: Attributes,
  step: Step,
): Call[] {
  const { steps, batch, hidden } = sizesOf(inputs);
  const [first, last] = [inputs[2]!, outputs[1]];
  const words = elementCount(first.shape);
  if (steps === 0) {
    const whole = { count: words, inStride: 1, outStride: 1 };
    return [call(copyStrided, { x: first.buffer, y: last.buffer }, copyNumbers([whole]))];
  }
  if (steps > mostSteps) {
    throw new UnsupportedError(
      `Cannot unroll ${steps} steps, expected at most ${mostSteps}; cut the sequences into shorter ones`,
    );
  }
  const between = [scratch(words), scratch(words)];
  return Array.from({ length: steps }, (_, i) => {
    const from = i === 0 ? first.buffer : between[i % 2];
    const to = i === steps - 1 ? last.buffer : between[(i + 1) % 2];
    const at = attributes.direction === "reverse" ? steps - 1 - i : i;
    return step(from, to, { step: at, batch, hidden });
  }).flat();
}

const bufferOf = (operand: Operand | undefined) => operand?.buffer;

export const LstmSteps = op({
  domain: "halftone",
  attributes: { ...attributes, input_forget: int(0) },
  role: { kind: "resists" },
  infer,
  lower(lowering, attributes) {
    const { inputs: [gates, weights, , peepholes, lengths], outputs: [y] } = lowering;
    const numbers = {
      ...functionNumbers(attributes),
      input_forget: attributes.input_forget,
      has_peepholes: Number(peepholes !== undefined),
      has_lengths: Number(lengths !== undefined),
    };
    const buffers = {
      gates: gates!.buffer,
      weights: weights!.buffer,
      peepholes: bufferOf(peepholes),
      lengths: bufferOf(lengths),
      y: y.buffer,
    };
    return chainSteps(lowering, attributes, (state, next, where) => [
      call(lstmStep, { ...buffers, state, next }, { ...numbers, ...where }),
    ]);
  },
});

export const GruSteps = op({
  domain: "halftone",
  attributes,
  role: { kind: "resists" },
  infer,
  lower(lowering, attributes) {
    const { inputs, outputs: [y], scratch } = lowering;
    const [gates, weights, , bias, lengths] = inputs;
    const { batch, hidden } = sizesOf(inputs);
    const numbers = functionNumbers(attributes);
    const { f_kind, f_alpha, f_beta, clip } = numbers;
    const resets_after = Number(bias !== undefined);
    const flags = { resets_after, has_lengths: Number(lengths !== undefined) };
    const gated = scratch(2 * batch * hidden);
    const given = { gates: gates!.buffer, weights: weights!.buffer };
    return chainSteps(lowering, attributes, (state, next, where) => {
      const before = call(gruGates, { ...given, state, gated }, { f_kind, f_alpha, f_beta, clip, ...where });
      const rest = { bias: bufferOf(bias), lengths: bufferOf(lengths), y: y.buffer };
      const step = call(gruStep, { ...given, ...rest, state, gated, next }, {
        ...numbers,
        ...flags,
        ...where,
      });
      return resets_after ? [step] : [before, step];
    });
  },
});

export const RnnSteps = op({
  domain: "halftone",
  attributes,
  role: { kind: "resists" },
  infer,
  lower(lowering, attributes) {
    const { inputs: [gates, weights, , lengths], outputs: [y] } = lowering;
    const numbers = { ...functionNumbers(attributes), has_lengths: Number(lengths !== undefined) };
    const rest = { lengths: bufferOf(lengths), y: y.buffer };
    return chainSteps(lowering, attributes, (state, next, where) => [
      call(rnnStep, { gates: gates!.buffer, weights: weights!.buffer, ...rest, state, next }, {
        ...numbers,
        ...where,
      }),
    ]);
  },
});
