// How far quantized graphs are from the float one at the network's outputs: Σ (y − ŷ)² over Σ y², all outputs together.
import { realSamples } from "../calibrate/observe.ts";
import type { Graph } from "../graph/graph.ts";
import { integerForm } from "../passes/integer_form.ts";
import { plansOf } from "../passes/stages.ts";
import type { Batches, Machine } from "../plan/machine.ts";
import { stream } from "../plan/stream.ts";
import { floats } from "../tensor/tensor.ts";

/** One relative error for each quantized graph; NaN without data. */
export async function outputErrors(
  float: Graph,
  quantized: readonly Graph[],
  machine: Machine,
  batches: Batches,
): Promise<number[]> {
  const plans = [float, ...quantized.map(integerForm)].map((graph) => plansOf(graph, machine.limits));
  const noise = quantized.map(() => 0);
  let signal = 0;
  for await (const { outputs } of stream(machine, plans, realSamples(float, batches()))) {
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
