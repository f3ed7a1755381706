// Inlines functions that the model defines (ONNX IR.md, "Model Local Functions"): referenced attributes are those of
// the call, inner values get fresh names, and functions may call functions.
import { ModelError, UnsupportedError } from "../error.ts";
import { freshNames, freshNodeNames, withNodes, withValues } from "../graph/edit.ts";
import { type Attribute, type Graph, type LocalFunction, type Name } from "../graph/graph.ts";
import { type Node, nodeLabel, type Value } from "../graph/graph.ts";
import { spliceBody } from "./splice.ts";
import { upgradeOpset } from "./upgrade_opset.ts";

/** The depth to which functions may call functions; ONNX forbids recursion. */
const deepest = 64;
/** The most nodes of an inlined model: 256 MB. Each level may double the level below. */
const mostNodes = 2 ** 18;

/** The graph without calls and without functions; the graph itself if there are no calls. */
export function inlineFunctions(graph: Graph): Graph {
  const functions = new Map((graph.functions ?? []).map((one) => [keyOf(one, one.name), one]));
  if (!callsAny(graph, functions)) return graph;
  checkGrowth(graph, functions);
  // A graph has one opset: the highest of its parts; older forms are rewritten.
  const opset = Math.max(graph.opset, ...[...functions.values()].map(({ body }) => body.opset));
  const raised = upgradeOpset(opset)(graph);
  const bodies = new Map([...functions].map(([key, one]) => [key, upgradeOpset(opset)(one.body)]));
  const inlining = { functions, bodies, fresh: freshNames(raised), freshNode: freshNodeNames(raised) };
  return { ...inlineIn(raised, inlining), functions: undefined };
}

type Inlining = {
  readonly functions: ReadonlyMap<string, LocalFunction>;
  readonly bodies: ReadonlyMap<string, Graph>;
  readonly fresh: (stem: string) => Name;
  readonly freshNode: (stem: string) => string;
};

function keyOf({ domain, overload = "" }: Pick<Node, "domain" | "overload">, name: string): string {
  return JSON.stringify([domain, name, overload]);
}

function callsAny(graph: Graph, functions: ReadonlyMap<string, LocalFunction>): boolean {
  const calls = (node: Node): boolean =>
    functions.has(keyOf(node, node.opType)) ||
    [...node.attributes.values()].some((one) => one.type === "graph" && one.value.nodes.some(calls));
  return functions.size > 0 && graph.nodes.some(calls);
}

/** Counts nodes before inlining: a kilobyte of calls may expand to billions of nodes. */
function checkGrowth(graph: Graph, functions: ReadonlyMap<string, LocalFunction>) {
  const counts = new Map<string, number>();
  const countOf = (nodes: readonly Node[], depth: number): number =>
    nodes.reduce((sum, node) => sum + countOfNode(node, depth), 0);
  const countOfNode = (node: Node, depth: number): number => {
    const key = keyOf(node, node.opType);
    const callee = functions.get(key);
    if (!callee) {
      const held = [...node.attributes.values()].flatMap((one) =>
        one.type === "graph" ? one.value.nodes : []
      );
      return 1 + countOf(held, depth);
    }
    if (depth === deepest) {
      const where = { where: [nodeLabel(node)] };
      throw new ModelError(`Cannot inline function "${callee.name}": it calls itself in the end`, where);
    }
    const count = counts.get(key) ?? countOf(callee.body.nodes, depth + 1);
    counts.set(key, count);
    return count;
  };
  const count = countOf(graph.nodes, 0);
  if (count <= mostNodes) return;
  throw new UnsupportedError(
    `Cannot inline functions: they become ${count} nodes, expected at most ${mostNodes}`,
  );
}

function inlineIn(graph: Graph, inlining: Inlining): Graph {
  const constants: [Name, Value][] = [];
  const nodes = graph.nodes.flatMap((node) => inlineNode(node, inlining, constants));
  return withValues(withNodes(graph, nodes), constants);
}

function inlineNode(node: Node, inlining: Inlining, constants: [Name, Value][]): Node[] {
  const callee = inlining.functions.get(keyOf(node, node.opType));
  if (!callee) return [inlineNested(node, inlining)];
  const { inputs, outputs } = node;
  const parts = spliceBody(inlining.bodies.get(keyOf(node, node.opType))!, {
    inputs,
    outputs,
    prefix: node.name || outputs.find((name) => name !== "") || node.opType,
    fresh: inlining.fresh,
    freshNode: inlining.freshNode,
    attributes: attributesOf(callee, node),
  });
  constants.push(...parts.constants);
  return parts.nodes.flatMap((one) => inlineNode(one, inlining, constants));
}

/** The function's attributes: the call's own, else defaults. */
function attributesOf({ defaults }: LocalFunction, node: Node): Map<string, Attribute | undefined> {
  return new Map([...defaults].map(([key, value]) => [key, node.attributes.get(key) ?? value]));
}

function inlineNested(node: Node, inlining: Inlining): Node {
  const attributes = [...node.attributes].map(([key, attribute]): [string, Attribute] => {
    if (attribute.type !== "graph" || !callsAny(attribute.value, inlining.functions)) return [key, attribute];
    return [key, { type: "graph", value: inlineIn(attribute.value, inlining) }];
  });
  const same = attributes.every(([key, attribute]) => node.attributes.get(key) === attribute);
  return same ? node : { ...node, attributes: new Map(attributes) };
}
