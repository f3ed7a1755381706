// Raises a model's opset: the rows of src/ops/upgrade/upgrades.ts rewrite operators that changed, opset by opset,
// including nested graphs.
import { UnsupportedError } from "../error.ts";
import { freshNames } from "../graph/edit.ts";
import { type Attribute, type Graph, type Name, type Node, nodeLabel, type Value } from "../graph/graph.ts";
import type { Rewrite } from "../graph/graph.ts";
import { usesOf } from "../graph/order.ts";
import { newestOpset } from "../ops/schema/schema.ts";
import { type Around, type Upgrade, upgrades } from "../ops/upgrade/upgrades.ts";

/** The least opset of quantized graphs that are computed: it has per-channel scales. */
export const plannedOpset = 13;

/**
 * The opset of the forms that src/ops declares, the last one in src/ops/upgrade/upgrades.ts: plans have it; files
 * keep theirs if possible.
 */
export const newestForms = newestOpset;

/** A node in its newest form: nodes with its results, and the constants that they read. */
export type NewestForm = { readonly nodes: readonly Node[]; readonly constants: ReadonlyMap<Name, Value> };

/** Returns the newest form of a node of the graph; undefined if it has none. Nested graphs stay as they are. */
export function newestFormIn(graph: Graph): (node: Node) => NewestForm | undefined {
  const rows = rowsBetween(graph.opset, newestForms);
  const changed = new Set(rows.map(({ opType }) => opType));
  let fresh: ((stem: string) => Name) | undefined;
  return (node) => {
    if (node.domain !== "" || !changed.has(node.opType)) return { nodes: [node], constants: new Map() };
    fresh ??= freshNames(graph);
    const constants = new Map<Name, Value>();
    const nodes = applyRows([node], rows, aroundOf(graph, fresh, constants));
    return typeof nodes === "string" ? undefined : { nodes, constants };
  };
}

/**
 * Raises the opset to at least `target`; graphs that have it already are unchanged. Throws UnsupportedError with the
 * node and the reason if an older form cannot be rewritten.
 */
export function upgradeOpset(target: number): Rewrite {
  return (graph) => graph.opset >= target ? graph : raiseOpset(graph, target, freshNames(graph));
}

function raiseOpset(graph: Graph, target: number, fresh: (stem: string) => Name): Graph {
  const values = new Map(graph.values);
  const around = aroundOf({ ...graph, values }, fresh, values);
  const rows = rowsBetween(graph.opset, target);
  const nodes = graph.nodes.flatMap((node) => {
    const found = applyRows([raiseNested(node, target, fresh)], rows, around);
    if (typeof found !== "string") return found;
    throw new UnsupportedError(
      `Cannot raise the opset from ${graph.opset} to ${target}: ${found}, expected a form that opset ${target} has`,
      { where: [nodeLabel(node)] },
    );
  });
  return { ...graph, nodes, values, opset: target };
}

/** The graph as rows see it; constants that they create go to `values`. */
function aroundOf(graph: Graph, fresh: (stem: string) => Name, values: Map<Name, Value>): Around {
  return {
    graph,
    fresh,
    isRead: (name) => graph.outputs.includes(name) || graph.nodes.some((node) => usesOf(node).includes(name)),
    constant(stem, value) {
      const name = fresh(stem);
      values.set(name, { dtype: value.dtype, shape: value.shape, constant: value });
      return name;
    },
  };
}

/** A node after all rows that apply to it; or the reason why it cannot be rewritten. */
function applyRows(
  nodes: readonly Node[],
  rows: readonly Upgrade[],
  around: Around,
): readonly Node[] | string {
  for (const { opType, rewrite } of rows) {
    const next: Node[] = [];
    for (const node of nodes) {
      const found = node.domain === "" && node.opType === opType ? rewrite(node, around) : node;
      if (typeof found === "string") return found;
      next.push(...[found].flat());
    }
    nodes = next;
  }
  return nodes;
}

/** The rows after opset `from`, up to `to`, in the order of opsets; those of one opset in the order of the table. */
function rowsBetween(from: number, to: number) {
  return upgrades.filter(({ until }) => from < until && until <= to).sort((a, b) => a.until - b.until);
}

/** Raises the opset of the node's nested graphs. */
function raiseNested(node: Node, target: number, fresh: (stem: string) => Name): Node {
  if (![...node.attributes.values()].some(({ type }) => type === "graph")) return node;
  const attributes = [...node.attributes].map(([key, attribute]): [string, Attribute] => {
    if (attribute.type !== "graph") return [key, attribute];
    return [key, { type: "graph", value: raiseOpset(attribute.value, target, fresh) }];
  });
  return { ...node, attributes: new Map(attributes) };
}
