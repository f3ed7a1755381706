// Shrinks a failing case while it fails in the same way: fewer outputs, nodes, options, open dimensions.
import { removeUnused, withNodes } from "../../src/graph/edit.ts";
import type { Graph, Name, Node } from "../../src/graph/graph.ts";
import type { Case } from "./case.ts";
import type { QuantizeRequest } from "./draw_options.ts";

/** The smallest case found for which `fails` holds, after at most `most` calls of it. */
export async function shrink(
  one: Case,
  fails: (candidate: Case) => Promise<boolean>,
  most = 120,
): Promise<Case> {
  let [smallest, asked] = [one, 0];
  for (let found = true; found;) {
    found = false;
    for (const candidate of candidatesOf(smallest)) {
      if (asked++ >= most) return smallest;
      if (!await fails(candidate)) continue;
      [smallest, found] = [candidate, true];
      break;
    }
  }
  return smallest;
}

/** Every case that is one step smaller; the largest steps first. */
function* candidatesOf(one: Case): Generator<Case> {
  for (const request of simplerRequests(one.request)) yield { ...one, request };
  for (const graph of smallerGraphs(one.graph)) {
    const inputs = new Set(graph.inputs);
    yield { ...one, graph, fed: one.fed.filter(({ name }) => inputs.has(name)) };
  }
  const closed = one.fed.filter(({ name }) => isOpen(one.graph, name));
  if (closed.length === 0) return;
  const values = new Map(one.graph.values);
  for (const { name, shape } of closed) values.set(name, { ...values.get(name)!, shape });
  yield { ...one, graph: { ...one.graph, values } };
}

const isOpen = (graph: Graph, name: Name) =>
  graph.values.get(name)?.shape?.some((dim) => typeof dim === "string") ?? false;

function* simplerRequests(request: QuantizeRequest): Generator<QuantizeRequest> {
  if (request.finetune) yield { ...request, finetune: false };
  for (const key of Object.keys(request.options)) {
    yield {
      ...request,
      options: Object.fromEntries(Object.entries(request.options).filter(([name]) => name !== key)),
    };
  }
  if (request.form !== "qdq") yield { ...request, form: "qdq" };
}

function* smallerGraphs(graph: Graph): Generator<Graph> {
  const { outputs, nodes } = graph;
  if (outputs.length > 1) {
    for (const name of outputs) yield prune({ ...graph, outputs: [name] });
    for (const name of outputs) {
      yield prune({
        ...graph,
        outputs: outputs.filter((other) => other !== name),
      });
    }
  }
  // Cut the network after this node.
  for (const node of nodes) {
    const name = node.outputs[0];
    if (!outputs.includes(name) || outputs.length > 1) yield prune({ ...graph, outputs: [name] });
  }
  for (const node of [...nodes].reverse()) {
    const [passed] = node.inputs;
    if (node.outputs.length > 1 || !passed || outputs.includes(node.outputs[0])) continue;
    yield prune(bypass(graph, node, passed));
  }
  for (const node of nodes) yield* simplifications(graph, node);
}

/** Removes a node: its readers read its first input instead. */
function bypass(graph: Graph, gone: Node, passed: Name): Graph {
  const nodes = graph.nodes.filter((node) => node !== gone).map((node) => ({
    ...node,
    inputs: node.inputs.map((name) => name === gone.outputs[0] ? passed : name),
  }));
  return withNodes(graph, nodes);
}

/** The node without one of its attributes, or without its name. */
function* simplifications(graph: Graph, node: Node): Generator<Graph> {
  const replace = (other: Node) => withNodes(graph, graph.nodes.map((one) => one === node ? other : one));
  for (const key of node.attributes.keys()) {
    if (node.attributes.get(key)!.type === "graph") continue;
    const attributes = new Map([...node.attributes].filter(([name]) => name !== key));
    yield replace({ ...node, attributes });
  }
  if (node.name) yield replace({ ...node, name: "" });
}

function prune(graph: Graph): Graph {
  const used = removeUnused(graph);
  const read = new Set([...used.nodes.flatMap((node) => node.inputs), ...used.outputs]);
  const captured = new Set(
    used.nodes.flatMap((node) =>
      [...node.attributes.values()].flatMap((attribute) =>
        attribute.type === "graph" ? attribute.value.nodes.flatMap((inner) => inner.inputs) : []
      )
    ),
  );
  const inputs = used.inputs.filter((name) => read.has(name) || captured.has(name));
  const isKept = (name: Name) => read.has(name) || captured.has(name);
  return { ...used, inputs, values: new Map([...used.values].filter(([name]) => isKept(name))) };
}
