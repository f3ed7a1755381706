// Operators for training: a step of Adam, and random masks.
import { adam } from "../../kernels/adam.ts";
import { call } from "../../kernels/kernel.ts";
import { randomMask } from "../../kernels/random_mask.ts";
import { noGradient } from "../gradient/binary.ts";
import { quadsOf, wordsOf } from "../lowering/layout.ts";
import { float, int, op, type Operand, requireInput } from "../declare/op.ts";

/**
 * Parameter, gradient, running mean and square of gradients, [rate, 1 / (1 − beta1^t), 1 / (1 − beta2^t)] → the new
 * parameter, mean and square.
 */
export const Adam = op({
  domain: "halftone",
  attributes: { beta1: float(0.9), beta2: float(0.999), epsilon: float(1e-8) },
  role: { kind: "resists" },
  infer(inputs) {
    const { dtype, shape } = requireInput(inputs, 0);
    return [0, 1, 2].map(() => ({ dtype, shape }));
  },
  lower({ inputs, outputs }, attributes) {
    const [w, gradient, mean, square, schedule] = (inputs as Operand[]).map(({ buffer }) => buffer);
    const [y, next_mean, next_square] = outputs.map(({ buffer }) => buffer);
    const buffers = { w, gradient, mean, square, schedule, y, next_mean, next_square };
    return [call(adam, buffers, { quads: quadsOf(outputs[0]), ...attributes })];
  },
});

/** x (for its shape), an int32 seed → ones with a probability, else zeros; masks of one seed differ by `stream`. */
export const RandomMask = op({
  domain: "halftone",
  attributes: { stream: int(0), probability: float(0.5) },
  planning: { layout: "any" },
  role: { kind: "resists" },
  gradient: noGradient,
  infer(inputs) {
    requireInput(inputs, 1);
    return [{ dtype: "float32", shape: requireInput(inputs, 0).shape }];
  },
  lower({ inputs, outputs }, { stream, probability }) {
    const seed = (inputs[1] as Operand).buffer;
    const numbers = { count: wordsOf(outputs[0]), stream, limit: probability * 2 ** 24 };
    return [call(randomMask, { seed, y: outputs[0].buffer }, numbers)];
  },
});
