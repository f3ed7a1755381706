// Looks operators up; an error names all unknown ones at once.
import { UnsupportedError } from "../error.ts";
import type { Graph, Node } from "../graph/graph.ts";
import type { Op } from "./declare/op.ts";
import * as microsoft from "./microsoft/mod.ts";
import * as table from "./mod.ts";

type Table = Readonly<Record<string, Op | undefined>>;
const ops: Table = table;
/** Operators of ONNX Runtime; some have names that ONNX gives to others. */
const runtimeOps: Table = microsoft;

/** The declaration of a node's operator, or undefined. */
export function findOp({ opType, domain }: Pick<Node, "opType" | "domain">): Op | undefined {
  const wanted = domain === "ai.onnx" ? "" : domain;
  return [ops, runtimeOps]
    .map((table) => Object.hasOwn(table, opType) ? table[opType] : undefined)
    .find((op) => op && (op.domain ?? "") === wanted);
}

/** The names of ONNX's operators whose declarations match. */
export function operatorsWhere(fits: (op: Op) => boolean): string[] {
  return Object.entries(ops).flatMap(([name, op]) => op && fits(op) ? [name] : []);
}

/** The domain of the operator of this name: "" for ONNX's own, which come first. */
export function domainOf(opType: string): string {
  return (ops[opType] ?? runtimeOps[opType])?.domain ?? "";
}

/** The declaration of a node's operator; call `checkOps` on the graph first. */
export function opOf(node: Pick<Node, "opType" | "domain">): Op {
  const op = findOp(node);
  if (!op) {
    throw new UnsupportedError(`Cannot process operator "${operatorName(node)}": it is unknown to halftone`);
  }
  return op;
}

/** Throws one UnsupportedError that lists every operator of the graph, nested ones too, that halftone does not know. */
export function checkOps(graph: Graph): Graph {
  const list = unknownOps(graph.nodes);
  if (list.length === 0) return graph;
  throw new UnsupportedError(
    `Cannot process ${list.length} operators: ${list.join(", ")} are unknown to halftone`,
  );
}

/** Whether the operators of a node and of all nodes nested in it are known. */
export function hasKnownOps(node: Node): boolean {
  return unknownOps([node]).length === 0;
}

/** The operators of these nodes, nested ones too, that halftone does not know: "Name", or "Name (3 nodes)". */
export function unknownOps(nodes: readonly Node[]): string[] {
  const unknown = new Map<string, number>();
  const count = (node: Node) => {
    if (!findOp(node)) unknown.set(operatorName(node), (unknown.get(operatorName(node)) ?? 0) + 1);
    for (const attribute of node.attributes.values()) {
      if (attribute.type === "graph") attribute.value.nodes.forEach(count);
    }
  };
  nodes.forEach(count);
  return [...unknown].sort().map(([name, count]) => count > 1 ? `${name} (${count} nodes)` : name);
}

/** "domain::Name", or the name alone of ONNX's own. */
export function operatorName(node: Pick<Node, "opType" | "domain">): string {
  return node.domain ? `${node.domain}::${node.opType}` : node.opType;
}
