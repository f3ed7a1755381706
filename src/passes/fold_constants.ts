// Constant folding within a budget. What costs more stays a node: a plan's calls that read only constants run once, on
// the device, when the plan is loaded. Arithmetic on shapes is far below any budget.
import type { Graph, Name, Node, StaticValue, Value } from "../graph/graph.ts";
import type { Op } from "../ops/declare/op.ts";
import { interpretExactly } from "../plan/interpret.ts";
import { planGraph } from "../plan/lower.ts";
import { costOf } from "../plan/cost.ts";
import { elementCount } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";

/** Elements that one walk over a graph may still read and write, and products that it may add up. */
export type FoldBudget = { steps: number };

/** For plans: half a second of a slow core (10 ns an element in doubles). What is left runs on the device. */
export const planSteps = 2 ** 25;
/**
 * For the graph that is quantized: only constants become codes, so what exporters compute of weights (Cast, Transpose)
 * is folded up to some 60 million elements.
 */
export const weightSteps = 2 ** 27;

type Inputs = readonly (StaticValue | undefined)[];

/** The node's results as constants, or undefined where they would cost more than the budget has left. */
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

/** A graph of the node alone. */
export function aloneGraph(node: Node, inputs: Inputs, results: readonly StaticValue[]): Graph {
  const values = new Map<Name, Value>();
  node.inputs.forEach((name, i) => inputs[i] && values.set(name, inputs[i]));
  node.outputs.forEach((name, i) => values.set(name, results[i]));
  return { name: "", nodes: [node], values, inputs: [], outputs: node.outputs, opset: 0 };
}
