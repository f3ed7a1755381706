// AdaRound (arXiv 2004.10568): each weight goes to the code below or above it, Ŵ = s · clip(⌊W / s⌋ + h). The rectified
// sigmoid h = clip(1.2 σ(v) − 0.1, 0, 1) is trained, and 1 − |2h − 1|^β with falling β pushes it to 0 or 1.
import type { Name } from "../../graph/graph.ts";
import { codesOf } from "../../quantize/encoding.ts";
import { floats, tensor } from "../../tensor/tensor.ts";
import { type GradientMethod, layerSettings, reportLayers } from "./gradient_method.ts";
import type { NewGraphBuilder } from "./graph_builder.ts";
import { addSpreadScale } from "./unit_graph.ts";
import { channelIn, ownCodes, type Weights } from "./weights.ts";

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
    add(builder, part, parameters) {
      const { point: { node }, layer: { shape, encoding } } = part;
      const { below, logits } = initialLogits(begin(part));
      parameters.set(logitsOf(node), { initial: tensor("float32", shape, logits), group: "rounding" });
      const v = builder.input(logitsOf(node), { dtype: "float32", shape });
      const spread = builder.add("Mul", [builder.add("Sigmoid", [v]), builder.scalar(high - low)]);
      const h = clip(builder, builder.add("Add", [spread, builder.scalar(low)]), 0, 1);
      penalties.push(penaltyOf(builder, h));
      count += below.length;
      const code = builder.add("Add", [builder.constant(tensor("float32", shape, below)), h]);
      return builder.add("Mul", [
        clip(builder, code, ...codesOf(encoding)),
        addSpreadScale(builder, encoding, shape.length),
      ]);
    },
    penalty(builder) {
      const sum = penalties.reduce((a, b) => builder.add("Add", [a, b]));
      const strength = builder.input(weight, { dtype: "float32", shape: [] });
      return builder.add("Mul", [builder.add("Mul", [sum, builder.scalar(1 / count)]), strength]);
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
function penaltyOf(builder: NewGraphBuilder, h: Name): Name {
  const beta = builder.input(exponent, { dtype: "float32", shape: [] });
  const centred = builder.add("Sub", [builder.add("Mul", [h, builder.scalar(2)]), builder.scalar(1)]);
  const settled = builder.add("Pow", [builder.add("Abs", [centred]), beta]);
  const open = builder.add("Sub", [builder.scalar(1), settled]);
  return builder.add("ReduceSum", [open], { keepdims: { type: "int", value: 0n } });
}

function clip(builder: NewGraphBuilder, x: Name, least: number, most: number): Name {
  return builder.add("Clip", [x, builder.scalar(least), builder.scalar(most)]);
}

/** The codes below, and v such that h is the fraction above them. */
function initialLogits(codes: Float32Array) {
  const below = codes.map(Math.floor);
  const logits = codes.map((code, i) => -Math.log((high - low) / (code - below[i] - low) - 1));
  return { below, logits };
}
