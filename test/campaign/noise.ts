// Whether outputs depend on the last bits of what is computed on the way: a sum of floats in another order is as right, and
// what falls apart by that (a logarithm near one, the sign of nothing, a tie of codes) cannot be judged by it.
import { freshNames, withNodes, withValues } from "../../src/graph/edit.ts";
import type { Graph, Name, Node, Value } from "../../src/graph/graph.ts";
import { encodeModel } from "../../src/onnx/mod.ts";
import type { Feeds, Outputs } from "../../src/plan/machine.ts";
import { floats, tensorOver } from "../../src/tensor/tensor.ts";
import { Dice } from "./dice.ts";
import { byRuntime } from "./runtime.ts";

/** Of the largest element of each value: sixteen roundings of float32, as WGSL allows an exponential. */
const share = 2 ** -20;

/** What ONNX Runtime makes of the model where every float32 value within is moved by that; for each seed. */
export async function underNoise(
  graph: Graph,
  feeds: readonly Feeds[],
  seeds: readonly number[],
): Promise<Outputs[][]> {
  const made = graph.nodes.flatMap((node) => node.outputs.filter((name) => name !== ""));
  const [values] = await byRuntime(encodeModel({ ...graph, outputs: made }), feeds.slice(0, 1), "disabled");
  const found: Outputs[][] = [];
  for (const seed of seeds) {
    found.push(await byRuntime(encodeModel(noisy(graph, values, new Dice(seed))), feeds, "disabled"));
  }
  return found;
}

function noisy(graph: Graph, values: Outputs, dice: Dice): Graph {
  const fresh = freshNames(graph);
  const added: [Name, Value][] = [];
  const nodes = graph.nodes.flatMap((node): Node[] => {
    const moved: Node[] = [];
    const outputs = node.outputs.map((name) => {
      const value = values.get(name);
      if (value?.dtype !== "float32") return name;
      const largest = floats(value).reduce((most, one) => Math.max(most, Math.abs(one)), 0);
      const noise = floats(value).map(() => (dice.chance(0.5) ? 1 : -1) * share * largest);
      const [exact, by] = [fresh(`${name}_exact`), fresh(`${name}_noise`)];
      const constant = tensorOver("float32", value.shape, noise);
      added.push([by, { dtype: "float32", shape: value.shape, constant }]);
      const attributes = new Map();
      moved.push({ opType: "Add", domain: "", name: "", inputs: [exact, by], outputs: [name], attributes });
      return exact;
    });
    return [{ ...node, outputs }, ...moved];
  });
  return withValues(withNodes(graph, nodes), added);
}
