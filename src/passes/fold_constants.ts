// Constant folding within a budget. Nodes that cost more remain: a plan runs calls that read only constants once, on
// the device, when it is loaded. Shape arithmetic is far below any budget.
import type { Graph, Name, Node, StaticValue, Value } from "../graph/graph.ts";
import type { Op } from "../ops/declare/op.ts";
import { interpretExactly } from "../plan/interpret.ts";
import { planGraph } from "../plan/lower.ts";
import { costOf } from "../plan/cost.ts";
import { elementCount } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";

/** The elements that one walk over a graph may still read and write, plus the products that it may compute. */
export type FoldBudget = { steps: number };

/** For plans: half a second on a slow core (10 ns per element in doubles). The rest runs on the device. */
export const planSteps = 2 ** 25;
/**
 * For the graph that is quantized: only constants can be stored as codes, so nodes that exporters apply to weights
 * (Cast, Transpose) are folded up to about 60 million elements.
 */
export const weightSteps = 2 ** 27;

type Inputs = readonly (StaticValue | undefined)[];

/** The node's results as constants, or undefined if they exceed the rest of the budget. */
export function foldNode(
  node: Node,
  op: Op,
  inputs: Inputs,
  results: readonly StaticValue[],
  budget: FoldBudget,
): Tensor[] | undefined {
  const elements = [...inputs, ...results].reduce(
    (sum, value) => sum + (value ? elementCount(value.shape) : 0),
    0,
  );
  if (elements > budget.steps) return undefined;
  if (op.host) {
    budget.steps -= elements;
    return op.host(inputs.map((input) => input?.constant), node);
  }
  const plan = planGraph(aloneGraph(node, inputs, results));
  const steps = [...plan.once, ...plan.calls].reduce((sum, call) => {
    const { operations, bytes } = costOf(plan, call);
    return sum + Math.max(operations / 2, bytes / 4);
  }, elements);
  if (steps > budget.steps) return undefined;
  budget.steps -= steps;
  const outputs = interpretExactly(plan, new Map());
  return node.outputs.map((name) => outputs.get(name)!);
}

/** A graph with only this node. */
export function aloneGraph(node: Node, inputs: Inputs, results: readonly StaticValue[]): Graph {
  const values = new Map<Name, Value>();
  node.inputs.forEach((name, i) => inputs[i] && values.set(name, inputs[i]));
  node.outputs.forEach((name, i) => values.set(name, results[i]));
  return { name: "", nodes: [node], values, inputs: [], outputs: node.outputs, opset: 0 };
}
