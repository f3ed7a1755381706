// How far quantized graphs are from the float one at the network's outputs: Σ (y − ŷ)² over Σ y², all outputs together.
import { realSamples } from "../calibrate/observe.ts";
import type { Graph, Name } from "../graph/graph.ts";
import { usesOf } from "../graph/order.ts";
import { integerForm } from "../passes/integer_form.ts";
import { knownOutputs } from "../passes/known_part.ts";
import { sweep } from "../passes/sweep.ts";
import type { Batches, Machine } from "../plan/machine.ts";
import { floats } from "../tensor/tensor.ts";
import { shapesOn } from "./sum.ts";

/**
 * The outputs that finetuning is judged by: those that can be computed and whose shapes no data decide; where there are
 * none, the values in front of what is not.
 */
export async function judgedOutputs(graph: Graph, batches: Batches): Promise<readonly Name[]> {
  const shapes = await shapesOn(graph, batches);
  const names = knownOutputs(graph).map(({ name }) => name);
  const judged = names.filter((name) => shapes.has(name) || shapes.size === 0);
  if (judged.length > 0) return judged;
  const beyond = graph.nodes.filter(({ outputs }) => !outputs.some((name) => shapes.has(name)));
  const made = new Set(graph.nodes.flatMap(({ outputs }) => outputs));
  return [...new Set(beyond.flatMap(usesOf))].filter((name) => shapes.has(name) && made.has(name));
}

/** One relative error for each quantized graph; NaN without data. */
export async function outputErrors(
  float: Graph,
  quantized: readonly Graph[],
  machine: Machine,
  batches: Batches,
): Promise<number[]> {
  const graphs = [float, ...quantized.map(integerForm)];
  const noise = quantized.map(() => 0);
  let signal = 0;
  for await (const { outputs } of sweep(machine, graphs, realSamples(float, batches()))) {
    for (const name of float.outputs) {
      const [wanted, ...found] = outputs.map((one) => floats(one.get(name)!));
      wanted.forEach((y, i) => {
        signal += y * y;
        found.forEach((values, which) => noise[which] += (values[i] - y) ** 2);
      });
    }
  }
  return noise.map((sum) => sum / signal);
}
