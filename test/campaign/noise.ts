// Adds noise to the intermediate values of a model. A float sum in another order is equally right, so an output that
// noise in the last bits changes (a logarithm near one, the sign of zero, a tie between codes) cannot be judged.
import { freshNames, withNodes, withValues } from "../../src/graph/edit.ts";
import type { Graph, Name, Node, Value } from "../../src/graph/graph.ts";
import { usesOf } from "../../src/graph/order.ts";
import type { Feeds, Outputs } from "../../src/plan/machine.ts";
import { floats, tensorOver } from "../../src/tensor/tensor.ts";
import { Dice } from "./dice.ts";
import { runUnoptimized } from "./runtime.ts";

/** How far each element moves: by a share of its tensor's largest magnitude, or of its own. */
export type Noise = { readonly share: number; readonly of: "largest" | "each" };

/** Sixteen float32 roundings: the error that WGSL allows an exponential. */
export const roundings: Noise = { share: 2 ** -20, of: "largest" };

/** For each seed, the model with noise added to every float value that depends on its inputs. */
export async function graphsWithNoise(
  graph: Graph,
  feeds: readonly Feeds[],
  seeds: readonly number[],
  noise = roundings,
): Promise<Graph[]> {
  const [values] = await runUnoptimized(graph, feeds.slice(0, 1), computedValues(graph));
  return seeds.map((seed) => addNoise(graph, values, new Dice(seed), noise));
}

/** Values that depend on the inputs, except codes: ONNX Runtime cannot return 4-bit elements. */
export function computedValues(graph: Graph): Name[] {
  const decided = new Set(graph.inputs);
  const made: Name[] = [];
  for (const node of graph.nodes) {
    if (!usesOf(node).some((name) => decided.has(name))) continue;
    const outputs = node.outputs.filter((name) => name !== "");
    outputs.forEach((name) => decided.add(name));
    if (node.opType !== "QuantizeLinear") made.push(...outputs);
  }
  return made;
}

function addNoise(graph: Graph, values: Outputs, dice: Dice, { share, of }: Noise): Graph {
  const fresh = freshNames(graph);
  const added: [Name, Value][] = [];
  const nodes = graph.nodes.flatMap((node): Node[] => {
    const moved: Node[] = [];
    const outputs = node.outputs.map((name) => {
      const value = values.get(name);
      if (value?.dtype !== "float32") return name;
      const [exact, by] = [fresh(`${name}_exact`), fresh(`${name}_noise`)];
      const amounts = amountsOf(floats(value), share, of, dice);
      const constant = tensorOver("float32", value.shape, amounts);
      added.push([by, { dtype: "float32", shape: value.shape, constant }]);
      const moving = { domain: "", name: "", attributes: new Map() };
      if (of === "largest") {
        moved.push({ ...moving, opType: "Add", inputs: [exact, by], outputs: [name] });
      } else {
        const part = fresh(`${name}_moved`);
        moved.push(
          { ...moving, opType: "Mul", inputs: [exact, by], outputs: [part] },
          { ...moving, opType: "Add", inputs: [exact, part], outputs: [name] },
        );
      }
      return exact;
    });
    return [{ ...node, outputs }, ...moved];
  });
  return withValues(withNodes(graph, nodes), added);
}

function amountsOf(values: Float32Array, share: number, of: Noise["of"], dice: Dice): Float32Array {
  const largest = values.reduce((most, one) => Math.max(most, Math.abs(one)), 0);
  const size = of === "each" ? share : share * largest;
  return values.map(() => (dice.chance(0.5) ? 1 : -1) * size);
}
