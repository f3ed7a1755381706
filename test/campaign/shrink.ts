// A failing case made smaller as long as it fails in the same way: fewer outputs, nodes, options, open dimensions.
import { removeUnused, withNodes } from "../../src/graph/edit.ts";
import type { Graph, Name, Node } from "../../src/graph/graph.ts";
import type { Case } from "./case.ts";
import type { Wish } from "./draw_options.ts";

/** The smallest case found for which `fails` holds; it is asked `most` times at the most. */
export async function shrunk(
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
  for (const wish of wishesOf(one.wish)) yield { ...one, wish };
  for (const graph of graphsOf(one.graph)) {
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

function* wishesOf(wish: Wish): Generator<Wish> {
  if (wish.finetune) yield { ...wish, finetune: false };
  for (const key of Object.keys(wish.options)) {
    yield {
      ...wish,
      options: Object.fromEntries(Object.entries(wish.options).filter(([name]) => name !== key)),
    };
  }
  if (wish.way !== "qdq") yield { ...wish, way: "qdq" };
}

function* graphsOf(graph: Graph): Generator<Graph> {
  const { outputs, nodes } = graph;
  if (outputs.length > 1) {
    for (const name of outputs) yield pruned({ ...graph, outputs: [name] });
    for (const name of outputs) {
      yield pruned({
        ...graph,
        outputs: outputs.filter((other) => other !== name),
      });
    }
  }
  // Ends earlier.
  for (const node of nodes) {
    const name = node.outputs[0];
    if (!outputs.includes(name) || outputs.length > 1) yield pruned({ ...graph, outputs: [name] });
  }
  for (const node of [...nodes].reverse()) {
    const [passed] = node.inputs;
    if (node.outputs.length > 1 || !passed || outputs.includes(node.outputs[0])) continue;
    yield pruned(bypassed(graph, node, passed));
  }
  for (const node of nodes) yield* simpler(graph, node);
}

/** A node less: its readers read what it read. */
function bypassed(graph: Graph, gone: Node, passed: Name): Graph {
  const nodes = graph.nodes.filter((node) => node !== gone).map((node) => ({
    ...node,
    inputs: node.inputs.map((name) => name === gone.outputs[0] ? passed : name),
  }));
  return withNodes(graph, nodes);
}

/** Without one of its attributes; or with a constant in place of what is computed. */
function* simpler(graph: Graph, node: Node): Generator<Graph> {
  const replaced = (other: Node) => withNodes(graph, graph.nodes.map((one) => one === node ? other : one));
  for (const key of node.attributes.keys()) {
    if (node.attributes.get(key)!.type === "graph") continue;
    const attributes = new Map([...node.attributes].filter(([name]) => name !== key));
    yield replaced({ ...node, attributes });
  }
  if (node.name) yield replaced({ ...node, name: "" });
}

function pruned(graph: Graph): Graph {
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
