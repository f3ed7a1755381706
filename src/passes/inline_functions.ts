// Calls of functions that the model defines become the functions' nodes (ONNX IR.md, "Model Local Functions"): attributes
// that they refer to are the call's, inner values get fresh names, functions may call functions.
import { ModelError } from "../error.ts";
import { freshNames, freshNodeNames, withNodes, withValues } from "../graph/edit.ts";
import { type Attribute, type Graph, type LocalFunction, type Name } from "../graph/graph.ts";
import { type Node, nodeLabel, type Value } from "../graph/graph.ts";
import { spliced } from "./splice.ts";
import { upgradeOpset } from "./upgrade_opset.ts";

/** How deep functions may call functions; ONNX forbids that one calls itself. */
const deepest = 64;

/** The graph without calls and without functions; the graph itself where nothing calls one. */
export function inlineFunctions(graph: Graph): Graph {
  const functions = new Map((graph.functions ?? []).map((one) => [keyOf(one, one.name), one]));
  if (!callsAny(graph, functions)) return graph;
  // One graph has one opset: the highest of its parts, whose older forms are rewritten.
  const opset = Math.max(graph.opset, ...[...functions.values()].map(({ body }) => body.opset));
  const raised = upgradeOpset(opset)(graph);
  const bodies = new Map([...functions].map(([key, one]) => [key, upgradeOpset(opset)(one.body)]));
  const inlining = { functions, bodies, fresh: freshNames(raised), freshNode: freshNodeNames(raised) };
  return { ...inlined(raised, inlining, 0), functions: undefined };
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

function inlined(graph: Graph, inlining: Inlining, depth: number): Graph {
  const constants: [Name, Value][] = [];
  const nodes = graph.nodes.flatMap((node) => inlinedNode(node, inlining, depth, constants));
  return withValues(withNodes(graph, nodes), constants);
}

function inlinedNode(node: Node, inlining: Inlining, depth: number, constants: [Name, Value][]): Node[] {
  const callee = inlining.functions.get(keyOf(node, node.opType));
  if (!callee) return [withNested(node, inlining, depth)];
  if (depth === deepest) {
    const where = { where: [nodeLabel(node)] };
    throw new ModelError(`Cannot inline function "${callee.name}": it calls itself in the end`, where);
  }
  const { inputs, outputs } = node;
  const parts = spliced(inlining.bodies.get(keyOf(node, node.opType))!, {
    inputs,
    outputs,
    prefix: node.name || outputs.find((name) => name !== "") || node.opType,
    fresh: inlining.fresh,
    freshNode: inlining.freshNode,
    attributes: attributesOf(callee, node),
  });
  constants.push(...parts.constants);
  return parts.nodes.flatMap((one) => inlinedNode(one, inlining, depth + 1, constants));
}

/** The function's attributes: the call's own, else defaults. */
function attributesOf({ defaults }: LocalFunction, node: Node): Map<string, Attribute | undefined> {
  return new Map([...defaults].map(([key, value]) => [key, node.attributes.get(key) ?? value]));
}

function withNested(node: Node, inlining: Inlining, depth: number): Node {
  const attributes = [...node.attributes].map(([key, attribute]): [string, Attribute] => {
    if (attribute.type !== "graph" || !callsAny(attribute.value, inlining.functions)) return [key, attribute];
    return [key, { type: "graph", value: inlined(attribute.value, inlining, depth) }];
  });
  const same = attributes.every(([key, attribute]) => node.attributes.get(key) === attribute);
  return same ? node : { ...node, attributes: new Map(attributes) };
}
