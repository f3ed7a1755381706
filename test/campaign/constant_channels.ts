// Channels that quantization makes constant before a MeanVarianceNormalization: ONNX Runtime computes the variance as
// E[x²] − E[x]², so its square root is only a rounding error, or NaN.
import type { Graph, Node } from "../../src/graph/graph.ts";
import type { Feeds } from "../../src/plan/machine.ts";
import { numbers, type Tensor } from "../../src/tensor/tensor.ts";
import { runUnoptimized } from "./runtime.ts";

/** Deviation over mean: below this the variance is only a few roundings of E[x²]. */
const leastSpread = 2 ** -7;

/** Whether the model normalizes such a channel for any of the feeds. */
export async function hasConstantChannels(graph: Graph, feeds: readonly Feeds[]): Promise<boolean> {
  const nodes = graph.nodes.filter(({ opType }) => opType === "MeanVarianceNormalization");
  if (nodes.length === 0) return false;
  const made = new Set(graph.nodes.flatMap(({ outputs }) => outputs));
  const outputs = [...new Set(nodes.map(({ inputs }) => inputs[0]).filter((name) => made.has(name)))];
  if (outputs.length === 0) return false;
  const runs = await runUnoptimized(graph, feeds, outputs);
  return runs.some((values) =>
    nodes.some((node) => values.has(node.inputs[0]) && isConstantSomewhere(values.get(node.inputs[0])!, node))
  );
}

function isConstantSomewhere(x: Tensor, node: Node): boolean {
  const stated = node.attributes.get("axes");
  const axes = new Set(stated?.type === "ints" ? stated.value.map((axis) => Number(axis)) : [0, 2, 3]);
  const channels = new Map<string, number[]>();
  numbers(x).forEach((value, at) => {
    let rest = at;
    const place = x.shape.toReversed().map((size) => {
      const index = rest % size;
      rest = Math.floor(rest / size);
      return index;
    }).reverse();
    const isOver = (axis: number) => axes.has(axis) || axes.has(axis - x.shape.length);
    const channel = place.filter((_, axis) => !isOver(axis)).join();
    channels.set(channel, [...channels.get(channel) ?? [], value]);
  });
  return [...channels.values()].some((values) => {
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
    return Math.sqrt(variance) <= leastSpread * Math.abs(mean);
  });
}
