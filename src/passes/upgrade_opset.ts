// Raising a model's opset: forms of operators that changed are rewritten by the rows of src/ops/upgrades.ts, nested
// graphs with them.
import { UnsupportedError } from "../error.ts";
import { freshNames, withNodes, withValues } from "../graph/edit.ts";
import { type Attribute, type Graph, type Name, type Node, nodeLabel } from "../graph/graph.ts";
import type { Rewrite, Value } from "../graph/graph.ts";
import { upgrades } from "../ops/upgrades.ts";

/** The forms of operators that src/ops declares: graphs are planned at this opset or a later one. */
export const plannedOpset = 13;

/** The last opset that rows of src/ops/upgrades.ts know; files stay as old as they can unless asked. */
export const newestForms = 20;

/** Raises the opset to at least `target`; graphs that have it already are unchanged. */
export function upgradeOpset(target: number): Rewrite {
  return (graph) => graph.opset >= target ? graph : raised(graph, target, freshNames(graph));
}

function raised(graph: Graph, target: number, fresh: (stem: string) => Name): Graph {
  const added: [Name, Value][] = [];
  const constant = (stem: string, value: Value["constant"] & object): Name => {
    const name = fresh(stem);
    added.push([name, { dtype: value.dtype, shape: value.shape, constant: value }]);
    return name;
  };
  const upgrade = (node: Node): readonly Node[] => {
    let result = withRaised(node, target, fresh);
    for (const { opType, until, rewrite } of upgrades) {
      if (node.domain !== "" || node.opType !== opType || graph.opset >= until || target < until) continue;
      const rewritten = rewrite(result, graph, constant, fresh);
      if (typeof rewritten === "string") {
        throw new UnsupportedError(
          `Cannot raise the opset from ${graph.opset} to ${target}: ${rewritten}`,
          { where: [nodeLabel(node)] },
        );
      }
      if (Array.isArray(rewritten)) return rewritten;
      result = rewritten as Node;
    }
    return [result];
  };
  const nodes = graph.nodes.flatMap(upgrade);
  return { ...withValues(withNodes(graph, nodes), added), opset: target };
}

/** The node with its nested graphs at the new opset. */
function withRaised(node: Node, target: number, fresh: (stem: string) => Name): Node {
  if (![...node.attributes.values()].some(({ type }) => type === "graph")) return node;
  const attributes = [...node.attributes].map(([key, attribute]): [string, Attribute] => {
    if (attribute.type !== "graph") return [key, attribute];
    return [key, { type: "graph", value: raised(attribute.value, target, fresh) }];
  });
  return { ...node, attributes: new Map(attributes) };
}
