// Plans of cases whose shapes depend on elements of their inputs (Reshape's shape, Slice's starts, Resize's
// scales): those inputs become constants of the graph.
import { UnsupportedError } from "../../src/error.ts";
import { withValues } from "../../src/graph/edit.ts";
import type { Graph, Name } from "../../src/graph/graph.ts";
import { findOp } from "../../src/ops/table.ts";
import { planFor } from "../../src/passes/specialize.ts";
import type { Feeds } from "../../src/plan/machine.ts";
import type { Plan } from "../../src/plan/plan.ts";
import { elementCount } from "../../src/tensor/shape.ts";
import type { Tensor } from "../../src/tensor/tensor.ts";

export type Bound = { readonly plan: Plan; /** Inputs that became constants. */ readonly constants: Name[] };

/** The plan of a case. Inputs stay inputs where they can: constants may be folded, unseen by the machine. */
export function planCase(graph: Graph, feeds: Feeds): Bound {
  try {
    return { plan: planWith(graph, feeds), constants: [] };
  } catch (error) {
    if (!dependsOnElements(error)) throw error;
    const constants = shaping(graph, feeds);
    if (constants.length === 0) throw error;
    return { plan: planWith(withConstants(graph, constants, feeds), feeds), constants };
  }
}

function planWith(graph: Graph, feeds: Feeds): Plan {
  return planFor(graph, new Map([...feeds].map(([name, { shape }]) => [name, shape])));
}

function dependsOnElements(error: unknown): boolean {
  return error instanceof UnsupportedError && /depends? on the input data/.test(error.message);
}

/** What may decide shapes: inputs that an operator wants constant, lists of integers, lists of nothing. */
function shaping(graph: Graph, feeds: Feeds): Name[] {
  const fixed = new Set(graph.nodes.flatMap((node) => findOp(node)?.fixed.map((at) => node.inputs[at])));
  const isList = ({ dtype, shape }: Tensor) =>
    shape.length <= 1 && (/^(u?int|bool)/.test(dtype) || elementCount(shape) === 0);
  return graph.inputs.filter((name) => {
    const feed = feeds.get(name);
    return feed && (fixed.has(name) || isList(feed));
  });
}

/** The graph with these inputs as initializers. */
export function withConstants(graph: Graph, names: readonly Name[], feeds: Feeds): Graph {
  const constants = names.map((name) => {
    const constant = feeds.get(name)!;
    return [name, { dtype: constant.dtype, shape: constant.shape, constant }] as const;
  });
  const inputs = graph.inputs.filter((name) => !names.includes(name));
  return { ...withValues(graph, constants), inputs };
}
