// Whether outputs depend on the last bits of what is computed on the way: a sum of floats in another order is as right, and
// what falls apart by that (a logarithm near one, the sign of nothing, a tie of codes) cannot be judged by it.
import { freshNames, withNodes, withValues } from "../../src/graph/edit.ts";
import type { Graph, Name, Node, Value } from "../../src/graph/graph.ts";
import { usesOf } from "../../src/graph/order.ts";
import type { Feeds, Outputs } from "../../src/plan/machine.ts";
import { floats, tensorOver } from "../../src/tensor/tensor.ts";
import { Dice } from "./dice.ts";
import { plainly } from "./runtime.ts";

/** How much each element moves: by a share of the largest of its value, or of itself. */
export type Noise = { readonly share: number; readonly of: "largest" | "each" };

/** Sixteen roundings of float32, as WGSL allows an exponential. */
export const roundings: Noise = { share: 2 ** -20, of: "largest" };

/** The model with every float value that its inputs decide moved, for each seed. */
export async function underNoise(
  graph: Graph,
  feeds: readonly Feeds[],
  seeds: readonly number[],
  noise = roundings,
): Promise<Graph[]> {
  const [values] = await plainly(graph, feeds.slice(0, 1), madeOf(graph));
  return seeds.map((seed) => noisy(graph, values, new Dice(seed), noise));
}

/** Values within that the inputs decide. Codes are none: ONNX Runtime hands out no halves of bytes. */
export function madeOf(graph: Graph): Name[] {
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

function noisy(graph: Graph, values: Outputs, dice: Dice, { share, of }: Noise): Graph {
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
