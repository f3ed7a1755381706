// Cross-layer equalization: relu(x / s)·s = relu(x), so a channel's factor moves from one layer's weights to the
// next's until both use the range of a per-tensor scale. Two forms.  `vitis` (vai_q_pytorch 3.5, commander.py): each
// pair once, s = √(r0/r1), where r0 includes the bias divided by a number that depends on the size of biases;
// convolutions only. `iterated` (Nagel et al., 1906.04721): all pairs, until factors converge; then the next layer
// absorbs biases that keep an activation far above zero. A channel's bias counts in r0 relative to the layers'
// largest, so that a channel with tiny weights and a large bias does not get a huge activation.
import type { Graph, Rewrite } from "../graph/graph.ts";
import {
  channelExtents,
  type Layer,
  layersOf,
  moveFactors,
  type Pair,
  pairsOf,
  withLayers,
} from "./layers.ts";

export type EqualizeForm = "vitis" | "iterated";

/** Factors within this of 1 do not require another round. */
const settled = 1e-3;
const mostRounds = 50;

export function equalize(form: EqualizeForm = "iterated"): Rewrite {
  return (graph: Graph) => {
    const layers = layersOf(graph);
    const pairs = pairsOf(graph, layers);
    if (form === "vitis") {
      const convolutional = ({ first, second }: Pair) => first.shape.length > 2 && second.shape.length > 2;
      for (const pair of pairs.filter(convolutional)) moveFactors(pair, vitisFactors(pair));
    } else {
      for (let round = 0; round < mostRounds; round++) {
        let moved = 0;
        for (const pair of pairs) {
          const factors = factorsOf(pair);
          moveFactors(pair, factors);
          for (const factor of factors) moved = Math.max(moved, Math.abs(Math.log(factor)));
        }
        if (moved < settled) break;
      }
    }
    const changed = new Set(pairs.flatMap(({ first, second }) => [first, second]));
    return changed.size === 0 ? graph : withLayers(graph, changed);
  };
}

function factorsOf({ first, second }: Pair): Float64Array {
  const [r0, r1] = [channelExtents(first, "outputs"), channelExtents(second, "inputs")];
  const sizes = r0.map((weight, c) => weight + Math.abs(first.b?.[c] ?? 0));
  const largest = sizes.reduce((a, c) => Math.max(a, c), 0);
  return r0.map((weight, c) => {
    const factor = Math.max(Math.sqrt(weight / r1[c]), sizes[c] / largest);
    return weight > 0 && r1[c] > 0 && factor > 2 ** -60 && factor < 2 ** 60 ? factor : 1;
  });
}

function vitisFactors({ first, second }: Pair): Float64Array {
  const r0 = channelExtents(first, "outputs");
  const r1 = channelExtents(second, "inputs");
  const shrink = biasShrink(first);
  return r0.map((weight, c) => {
    const range = Math.max(weight, first.b ? Math.abs(first.b[c]) / shrink : 0);
    return range * r1[c] === 0 || range + r1[c] < 0.5 ? 1 : Math.sqrt(range / r1[c]);
  });
}

/** The divisor of biases, from the ratios |b|/|w| over all weights, with zeros and tiny ones replaced. */
function biasShrink(layer: Layer): number {
  const { w, b, outputOf, outputs } = layer;
  if (!b) return 1;
  const least = new Float64Array(outputs).fill(Infinity);
  w.forEach((value, i) => {
    if (value !== 0) least[outputOf(i)] = Math.min(least[outputOf(i)], Math.abs(value));
  });
  const ratios = w.map((value, i) => {
    const c = outputOf(i);
    if (least[c] === Infinity) return 0;
    return Math.abs(b[c]) / Math.max(Math.abs(value) || least[c], 1e-7);
  }).sort();
  const middle = ratios[(ratios.length - 1) >> 1];
  const mean = ratios.reduce((sum, ratio) => sum + ratio, 0) / ratios.length;
  const mostBias = b.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const mostWeight = w.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  if (mostBias < 10 && mostBias / mostWeight < 20) return middle > 100 || mean > 1000 ? 5 : 2;
  if (middle > 30 || mean > 500) return 20;
  return middle > 15 || mean > 100 ? 10 : 5;
}
