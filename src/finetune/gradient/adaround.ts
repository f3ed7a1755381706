// AdaRound (arXiv 2004.10568): each weight goes to the code below or above it, Ŵ = s · clip(⌊W / s⌋ + h). The rectified
// sigmoid h = clip(1.2 σ(v) − 0.1, 0, 1) is trained, and 1 − |2h − 1|^β with falling β pushes it to 0 or 1.
import type { Name } from "../../graph/graph.ts";
import { codesOf } from "../../quantize/encoding.ts";
import { floats, tensor } from "../../tensor/tensor.ts";
import { channelIn, ownCodes, type Weights } from "./weights.ts";
import { type GradientMethod, layerSettings, reportLayers } from "./gradient_method.ts";
import type { Pen } from "./pen.ts";
import { spreadScale } from "./unit_graph.ts";

const logitsOf = (node: Name) => `${node}@rounding`;
const exponent = "rounding exponent";
const weight = "rounding penalty";

/** The range of the stretched sigmoid before it is clipped: γ = −0.1 to ζ = 1.1. */
const [low, high] = [-0.1, 1.1];

/** β falls from `from` to `to`; there is no penalty for the first `warmUp` share of the steps. */
export type Annealing = { readonly from: number; readonly to: number; readonly warmUp: number };

/** From the paper. */
const annealing: Annealing = { from: 20, to: 2, warmUp: 0.2 };

/**
 * Weight of all penalties against the initial error. It grows exponentially: weights of little effect settle early, and
 * at the end every weight has settled, whatever the layer. A constant penalty left a third of ResNet-8's weights
 * undecided after 500 steps.
 */
const [firstPenalty, growth] = [0.1, 1e4];

export const adaround: GradientMethod = {
  settings: { ...layerSettings, steps: 500 },
  weights: () => softWeights(),
  report: reportLayers,
};

/** `begin`: unrounded codes that training starts from. */
export function softWeights(begin = ownCodes, { from, to, warmUp } = annealing): Weights {
  const penalties: Name[] = [];
  let count = 0;
  return {
    settles: true,
    draw(pen, part, parameters) {
      const { point: { node }, layer: { shape, encoding } } = part;
      const { below, logits } = initialLogits(begin(part));
      parameters.set(logitsOf(node), { initial: tensor("float32", shape, logits), group: "rounding" });
      const v = pen.input(logitsOf(node), { dtype: "float32", shape });
      const spread = pen.add("Mul", [pen.add("Sigmoid", [v]), pen.number(high - low)]);
      const h = clip(pen, pen.add("Add", [spread, pen.number(low)]), 0, 1);
      penalties.push(penaltyOf(pen, h));
      count += below.length;
      const code = pen.add("Add", [pen.constant("below", tensor("float32", shape, below)), h]);
      return pen.add("Mul", [
        clip(pen, code, ...codesOf(encoding)),
        spreadScale(pen, encoding, shape.length),
      ]);
    },
    penalty(pen) {
      const sum = penalties.reduce((a, b) => pen.add("Add", [a, b]));
      const strength = pen.input(weight, { dtype: "float32", shape: [] });
      return pen.add("Mul", [pen.add("Mul", [sum, pen.number(1 / count)]), strength]);
    },
    feeds(done) {
      const isWarm = done >= warmUp;
      const since = Math.max(0, (done - warmUp) / (1 - warmUp));
      const beta = from + (to - from) * since;
      return new Map([
        [exponent, tensor("float32", [], [beta])],
        [weight, tensor("float32", [], [isWarm ? firstPenalty * growth ** since : 0])],
      ]);
    },
    read(part, states) {
      const { layer: { shape, encoding }, point: { node } } = part;
      const channel = channelIn(shape, encoding);
      const { below } = initialLogits(begin(part));
      const v = floats(states.get(logitsOf(node))!);
      const weights = below.map((code, i) => (code + Number(v[i] >= 0)) * encoding.scale[channel(i)]);
      // NaN must not turn into a code.
      return { weights: weights.map((w, i) => Number.isNaN(v[i]) ? NaN : w), encoding };
    },
  };
}

/** Σ 1 − |2h − 1|^β */
function penaltyOf(pen: Pen, h: Name): Name {
  const beta = pen.input(exponent, { dtype: "float32", shape: [] });
  const centred = pen.add("Sub", [pen.add("Mul", [h, pen.number(2)]), pen.number(1)]);
  const settled = pen.add("Pow", [pen.add("Abs", [centred]), beta]);
  const open = pen.add("Sub", [pen.number(1), settled]);
  return pen.add("ReduceSum", [open], { keepdims: { type: "int", value: 0n } });
}

function clip(pen: Pen, x: Name, least: number, most: number): Name {
  return pen.add("Clip", [x, pen.number(least), pen.number(most)]);
}

/** The codes below, and v such that h is the fraction above them. */
function initialLogits(codes: Float32Array) {
  const below = codes.map(Math.floor);
  const logits = codes.map((code, i) => -Math.log((high - low) / (code - below[i] - low) - 1));
  return { below, logits };
}
