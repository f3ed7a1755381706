// Checks that a graph is well formed (ONNX IR.md, "Graphs"): names are defined once and before they are read,
// constants have the number of bytes that their shapes require. Run on every decoded file and after every pass.
import { ModelError } from "../error.ts";
import { bytesFor } from "../tensor/dtype.ts";
import { elementCount } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { type Graph, type Name, nodeLabel } from "./graph.ts";

/** The graph itself, if it is well formed; ModelError naming the culprit otherwise. */
export function verify(graph: Graph): Graph {
  verifyScope(graph, new Set());
  for (const { body } of graph.functions ?? []) verifyScope(body, new Set());
  return graph;
}

function verifyScope(graph: Graph, outside: ReadonlySet<Name>): void {
  const owners = new Map<Name, string>();
  for (const name of graph.inputs) define(owners, name, "a graph input");
  for (const [name, { constant }] of graph.values) {
    if (!constant) continue;
    define(owners, name, "an initializer");
    verifyConstant(`initializer "${name}"`, constant);
  }
  // One growing set keeps this linear; nested graphs see the values before their node.
  const visible = new Set([...outside, ...owners.keys()]);
  const producers = producersOf(graph);
  for (const node of graph.nodes) {
    const label = nodeLabel(node);
    for (const name of node.inputs) {
      if (name !== "" && !visible.has(name)) throw unreadable(label, name, producers.get(name));
    }
    for (const [key, attribute] of node.attributes) {
      if (attribute.type === "graph") verifyScope(attribute.value, visible);
      if (attribute.type === "tensor") verifyConstant(`attribute "${key}" of ${label}`, attribute.value);
    }
    for (const name of node.outputs) {
      if (name === "") continue;
      // Inputs and initializers of a nested graph may hide names from outside; results of its nodes may not.
      if (outside.has(name) && !owners.has(name)) {
        define(new Map([[name, "the graph around it"]]), name, label);
      }
      define(owners, name, label);
      visible.add(name);
    }
  }
  for (const name of graph.outputs) {
    if (visible.has(name)) continue;
    throw new ModelError(`Cannot use graph output "${name}": no node produces it, expected a node's output`);
  }
}

function producersOf(graph: Graph): Map<Name, string> {
  return new Map(graph.nodes.flatMap((node) => node.outputs.map((name) => [name, nodeLabel(node)] as const)));
}

function define(owners: Map<Name, string>, name: Name, owner: string): void {
  if (name === "") throw new ModelError(`Cannot use ${owner}: its name is empty, expected a name`);
  const other = owners.get(name);
  if (other !== undefined) {
    throw new ModelError(`Cannot use value "${name}": ${other} and ${owner} both define it, expected one`);
  }
  owners.set(name, owner);
}

function unreadable(label: string, name: Name, producer: string | undefined): ModelError {
  const expected = "expected a graph input, an initializer or the output of an earlier node";
  return new ModelError(
    producer === undefined
      ? `Cannot use ${label}: no node produces its input "${name}", ${expected}`
      : `Cannot use ${label}: its input "${name}" comes from ${producer}, which stands after it, ${expected}`,
  );
}

/** ModelError unless the tensor's dimensions are valid and match its number of bytes. */
export function verifyConstant(label: string, { dtype, shape, bytes }: Tensor): void {
  const bad = shape.find((dim) => !Number.isSafeInteger(dim) || dim < 0);
  if (bad !== undefined) {
    throw new ModelError(
      `Cannot use ${label}: its shape [${shape}] holds ${bad}, expected sizes of 0 or more`,
    );
  }
  const expected = bytesFor(dtype, elementCount(shape));
  if (bytes.byteLength === expected) return;
  throw new ModelError(
    `Cannot use ${label}: it has ${bytes.byteLength} bytes, expected ${expected} for ${dtype} [${
      shape.join(", ")
    }]`,
  );
}
