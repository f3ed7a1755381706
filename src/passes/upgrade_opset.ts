// Raising a model's opset: forms of operators that changed are rewritten by the rows of src/ops/upgrades.ts.
import { UnsupportedError } from "../error.ts";
import { freshNames, withNodes, withValues } from "../graph/edit.ts";
import { type Name, type Node, nodeLabel, type Rewrite, type Value } from "../graph/graph.ts";
import { upgrades } from "../ops/upgrades.ts";

/** The forms of operators that src/ops declares: graphs are planned at this opset or a later one. */
export const plannedOpset = 13;

/** Raises the opset to at least `target`; graphs that have it already are unchanged. */
export function upgradeOpset(target: number): Rewrite {
  return (graph) => {
    if (graph.opset >= target) return graph;
    const fresh = freshNames(graph);
    const added: [Name, Value][] = [];
    const constant = (stem: string, value: Value["constant"] & object): Name => {
      const name = fresh(stem);
      added.push([name, { dtype: value.dtype, shape: value.shape, constant: value }]);
      return name;
    };
    const upgrade = (node: Node): readonly Node[] => {
      let result = node;
      for (const { opType, until, rewrite } of upgrades) {
        if (node.domain !== "" || node.opType !== opType || graph.opset >= until || target < until) continue;
        const rewritten = rewrite(result, graph, constant, fresh);
        if (typeof rewritten === "string") {
          throw new UnsupportedError(
            `Cannot raise the opset from ${graph.opset} to ${target}: ${rewritten}`,
            {
              where: [nodeLabel(node)],
            },
          );
        }
        if (Array.isArray(rewritten)) return rewritten;
        result = rewritten as Node;
      }
      return [result];
    };
    const nodes = graph.nodes.flatMap(upgrade);
    return { ...withValues(withNodes(graph, nodes), added), opset: target };
  };
}
