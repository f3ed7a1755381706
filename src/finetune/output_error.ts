// Distance of quantized graphs from the float one at the network's outputs: Σ (y − ŷ)² over Σ y², all outputs together.
import { realSamples } from "../calibrate/observe.ts";
import type { Graph, Name } from "../graph/graph.ts";
import { usesOf } from "../graph/order.ts";
import { integerForm } from "../passes/integer_form.ts";
import { knownOutputs } from "../passes/known_part.ts";
import type { Batches, Machine } from "../plan/machine.ts";
import { sweep } from "../run/sweep.ts";
import { sameShape } from "../tensor/shape.ts";
import { floats } from "../tensor/tensor.ts";
import { shapesOn } from "./sum.ts";

/**
 * The values that finetuning is judged by: all outputs that can be computed. If data decide an output's shape, the
 * values before the deciding nodes are judged too, and integer outputs of such a shape are left out: they are indices,
 * whose differences mean nothing.
 */
export async function outputsToJudge(graph: Graph, batches: Batches): Promise<readonly Name[]> {
  const shapes = await shapesOn(graph, batches);
  const names = knownOutputs(graph).map(({ name }) => name);
  if (names.every((name) => shapes.has(name)) || shapes.size === 0) return names;
  const isJudged = (name: Name) =>
    shapes.has(name) || !/int|bool/.test(graph.values.get(name)?.dtype ?? "float32");
  const beyond = graph.nodes.filter(({ outputs }) => !outputs.some((name) => shapes.has(name)));
  const made = new Set(graph.nodes.flatMap(({ outputs }) => outputs));
  const front = beyond.flatMap(usesOf).filter((name) => shapes.has(name) && made.has(name));
  return [...new Set([...names.filter(isJudged), ...front])];
}

/** One relative error per quantized graph, over outputs whose shape is the same in all; NaN without data. */
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
      const all = outputs.map((one) => one.get(name)!);
      if (all.some(({ shape }) => !sameShape(shape, all[0].shape))) continue;
      const [wanted, ...found] = all.map(floats);
      wanted.forEach((y, i) => {
        signal += y * y;
        found.forEach((values, which) => noise[which] += (values[i] - y) ** 2);
      });
    }
  }
  return noise.map((sum) => sum / signal);
}
