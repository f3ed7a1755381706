// Block reconstruction (BRECQ, arXiv 2102.05426): trains all layers of a block together, starting from their
// second-moment solutions, by soft rounding with random drops (QDrop, arXiv 2203.05740) and trained activation scales.
import { floats } from "../../tensor/tensor.ts";
import type { FinishedLayer, Tunable } from "../tunable.ts";
import { type Annealing, softWeights } from "./adaround.ts";
import type { UnitLayer } from "./candidate.ts";
import type { GradientMethod } from "./gradient_method.ts";
import type { UnitResult } from "./train_unit.ts";
import { channelIn } from "./weights.ts";

/** Smaller than layer-wise rates, which would undo the solution. */
const rates = { rounding: 0.02, shift: 0.0002, steps: 0.0002 };
/** No warm-up, so that weights without a reason to move stay where they were. */
const annealing: Annealing = { from: 4, to: 2, warmUp: 0 };

export const block: GradientMethod = {
  settings: { steps: 300, positions: 2048, fewest: 24, rates, drops: true, trainsScales: true },
  weights: (float) => softWeights((layer) => nearFloatCodes(float, layer), annealing),
  report: reportBlock,
};

/** How far initial codes may lean towards the float weights; with 0.4 they ended worse than they began. */
const mostLean = 0.1;

function nearFloatCodes(
  { graph, points }: Tunable,
  { point, layer: { weights, shape, encoding } }: UnitLayer,
): Float32Array {
  const { name } = points.weights.find(({ node }) => node === point.node)!;
  const float = floats(graph.values.get(name)!.constant!);
  const channel = channelIn(shape, encoding);
  return weights.map((w, i) => {
    const code = Math.round(w / encoding.scale[channel(i)]);
    const missing = float[i] / encoding.scale[channel(i)] - code;
    return code + Math.min(Math.max(missing, -mostLean), mostLean);
  });
}

/** Layers keep the errors of their solutions; a note adds the error of the block. */
function reportBlock(
  layers: readonly FinishedLayer[],
  { before, after, found, why, note }: Partial<UnitResult>,
): FinishedLayer[] {
  const errors = `block error ${percent(before)} to ${percent(after)}`;
  const kept = `block as second moments left it: ${why}`;
  const text = [found ? errors : kept, ...note ? [note] : []].join("; ");
  return layers.map((layer, i) => {
    if (!found) return { ...layer, note: text };
    const { why: _, ...rest } = layer;
    const activations = i === layers.length - 1 ? { activations: found.activations } : {};
    return { ...rest, tuned: found.layers.get(layer.node), ...activations, note: text };
  });
}

function percent(share = NaN): string {
  return `${(100 * share).toPrecision(3)} %`;
}
