// High-bias absorption (Nagel et al., 1906.04721, section 4.1.3): an offset that a channel has in (nearly) every pixel
// need not be quantized. relu(x − c) = relu(x) − c while x ≥ c, so c = max(0, mean − 3·deviation) of x moves from the
// first layer's bias, times the second layer's weights, into the second bias. Not if some outputs of the second layer
// lack products: the zeros of padding, or of gaps and edges of transposed convolutions, are not c.
import type { Graph } from "../graph/graph.ts";
import { isRelu, layersOf, type Pair, pairsOf, withLayers } from "../passes/layers.ts";
import type { Batches, Machine } from "../plan/machine.ts";
import { type Channelled, channelStatistics, wholeStatistics } from "./channels.ts";

const deviations = 3;

export async function absorbBiases(graph: Graph, machine: Machine, batches: Batches): Promise<Graph> {
  const layers = layersOf(graph);
  const pairs = pairsOf(graph, layers).filter(({ first, second, between }) =>
    first.b && second.b && second.whole && between.length === 1 &&
    isRelu(graph, between[0])
  );
  if (pairs.length === 0) return graph;
  const resultOf = ({ first: { result, outputs, shape } }: Pair): Channelled => ({
    name: result,
    channels: outputs,
    ...(shape.length > 2 ? { images: shape.length } : {}),
  });
  const found = await wholeStatistics(channelStatistics(graph, pairs.map(resultOf), machine, batches));
  for (const { first, second } of pairs) {
    const measured = found.get(first.result);
    if (!measured) continue;
    const { mean, squares } = measured;
    const absorbed = mean.map((value, c) => {
      const deviation = Math.sqrt(Math.max(0, squares[c] - value * value));
      return Math.max(0, value - deviations * deviation);
    });
    absorbed.forEach((value, c) => first.b![c] -= value);
    second.w.forEach((value, i) => second.b![second.outputOf(i)] += value * absorbed[second.inputOf(i)]);
  }
  return withLayers(graph, layers.values());
}
