// Replaces nodes by other nodes; shared by all passes that do so.
import { within } from "../error.ts";
import { freshNames, withNodes, withValues } from "../graph/edit.ts";
import { type Graph, type Name, type Node, nodeLabel, type Value } from "../graph/graph.ts";
import { type ExpansionBuilder, graphBuilder } from "../ops/declare/builder.ts";
import { domainOf } from "../ops/table.ts";

/** A builder of one node's replacement; the inputs are the caller's. */
export type NodeBuilder = Omit<ExpansionBuilder, "inputs">;
/** Builds the replacement of a node; false: the node stays. */
export type Expansion = (builder: NodeBuilder) => boolean | void;

/**
 * The graph with every node replaced that has an expansion; the graph itself if none has. `heir` says which of the new
 * nodes keeps the name of the old one; absent: none.
 */
export function replaceNodes(
  graph: Graph,
  expansionOf: (node: Node) => Expansion | undefined,
  heir?: (added: readonly Node[]) => Node | undefined,
): Graph {
  const constants: [Name, Value][] = [];
  const fresh = freshNames(graph);
  let changed = false;
  const nodes = graph.nodes.flatMap((node): readonly Node[] => {
    const added = within(nodeLabel(node), () => {
      const expansion = expansionOf(node);
      return expansion && nodesOf(node, expansion, constants, fresh);
    });
    changed ||= added !== undefined;
    const named = added && heir?.(added);
    return added?.map((one) => one === named ? { ...one, name: node.name } : one) ?? [node];
  });
  return changed ? withValues(withNodes(graph, nodes), constants) : graph;
}

function nodesOf(
  node: Node,
  expansion: Expansion,
  constants: [Name, Value][],
  unused: (stem: string) => Name,
): Node[] | undefined {
  const added: Node[] = [];
  let count = 0;
  const stem = node.outputs.find((name) => name !== "");
  const freshName = () => unused(`${stem}/${++count}`);
  const builder = graphBuilder({
    add(opType, inputs, attributes = {}, outputs = [freshName()]) {
      const name = `${node.name || stem}/${opType}${added.length}`;
      added.push({
        opType,
        domain: domainOf(opType),
        name,
        inputs,
        outputs,
        attributes: new Map(Object.entries(attributes)),
      });
      return outputs[0];
    },
    freshName,
    constant(value) {
      const name = freshName();
      constants.push([name, { dtype: value.dtype, shape: value.shape, constant: value }]);
      return name;
    },
  });
  return expansion({ ...builder, outputs: node.outputs }) === false ? undefined : added;
}
