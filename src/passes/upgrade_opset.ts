// Raising a model's opset: forms of operators that changed are rewritten by the rows of src/ops/upgrades.ts, opset after
// opset, nested graphs with them.
import { UnsupportedError } from "../error.ts";
import { freshNames } from "../graph/edit.ts";
import { type Attribute, type Graph, type Name, type Node, nodeLabel } from "../graph/graph.ts";
import type { Rewrite } from "../graph/graph.ts";
import { usesOf } from "../graph/order.ts";
import { newestOpset } from "../ops/schema/schema.ts";
import { type Around, upgrades } from "../ops/upgrades.ts";

/** The forms of operators that src/ops declares: graphs are planned at this opset or a later one. */
export const plannedOpset = 13;

/** The last opset that rows of src/ops/upgrades.ts know; files stay as old as they can unless asked. */
export const newestForms = newestOpset;

/**
 * Raises the opset to at least `target`; graphs that have it already are unchanged. Throws UnsupportedError with the
 * node and the reason where an older form has no equal in the opsets asked for.
 */
export function upgradeOpset(target: number): Rewrite {
  return (graph) => graph.opset >= target ? graph : raised(graph, target, freshNames(graph));
}

function raised(graph: Graph, target: number, fresh: (stem: string) => Name): Graph {
  const values = new Map(graph.values);
  const around: Around = {
    graph: { ...graph, values },
    fresh,
    isRead: (name) => graph.outputs.includes(name) || graph.nodes.some((node) => usesOf(node).includes(name)),
    constant(stem, value) {
      const name = fresh(stem);
      values.set(name, { dtype: value.dtype, shape: value.shape, constant: value });
      return name;
    },
  };
  let nodes: readonly Node[] = graph.nodes.map((node) => withRaised(node, target, fresh));
  for (const { opType, rewrite } of rowsBetween(graph.opset, target)) {
    const concerns = (node: Node) => node.domain === "" && node.opType === opType;
    if (!nodes.some(concerns)) continue;
    nodes = nodes.flatMap((node) => {
      const rewritten = concerns(node) ? rewrite(node, around) : node;
      if (typeof rewritten !== "string") return rewritten;
      throw new UnsupportedError(
        `Cannot raise the opset from ${graph.opset} to ${target}: ${rewritten}, expected a form that opset ${target} has`,
        { where: [nodeLabel(node)] },
      );
    });
  }
  return { ...graph, nodes, values, opset: target };
}

/** The rows after opset `from`, up to `to`, in the order of opsets; those of one opset in the order of the table. */
function rowsBetween(from: number, to: number) {
  return upgrades.filter(({ until }) => from < until && until <= to).sort((a, b) => a.until - b.until);
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
