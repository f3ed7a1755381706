// The origin of decoded objects. An unchanged object is written as its original bytes; an edited one keeps the fields
// halftone does not know. Opaque to every other room.
import type { Attribute, Graph, Name, Node, Value } from "../graph/graph.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { Messages } from "./schema.ts";

/** A nested graph's origin, or, with `model`, a whole file's. */
export type GraphSource = {
  readonly bytes: Uint8Array;
  readonly message: Messages["GraphProto"];
  /** The graph as decoded. */
  readonly graph: Graph;
  /** ValueInfoProtos by name, in file order. IR 3 lists initializers among the inputs. */
  readonly inputs: ReadonlyMap<Name, Uint8Array>;
  readonly outputs: ReadonlyMap<Name, Uint8Array>;
  readonly inner: ReadonlyMap<Name, Uint8Array>;
  /** True if some tensors are in another file. */
  readonly external: boolean;
  readonly model?: { readonly bytes: Uint8Array; readonly message: Messages["ModelProto"] };
};

export type NodeSource = {
  readonly bytes: Uint8Array;
  readonly message: Messages["NodeProto"];
  readonly node: Node;
  readonly attributes: ReadonlyMap<string, Uint8Array>;
  readonly external: boolean;
};

export type TensorSource = {
  readonly bytes: Uint8Array;
  readonly name: string;
  readonly kind: "dense" | "sparse";
  readonly external: boolean;
};

const tensorSources = new WeakMap<Tensor, TensorSource>();

export function rememberTensor(tensor: Tensor, source: TensorSource): Tensor {
  tensorSources.set(tensor, source);
  return tensor;
}

export function tensorSource(tensor: Tensor | undefined): TensorSource | undefined {
  return tensor && tensorSources.get(tensor);
}

export function graphSource(graph: Graph): GraphSource | undefined {
  return graph.source as GraphSource | undefined;
}

export function nodeSource(node: Node): NodeSource | undefined {
  return node.source as NodeSource | undefined;
}

/** Whether the original bytes still describe the graph (except the opset, which is in the model). */
export function isGraphUnchanged(graph: Graph): boolean {
  const source = graphSource(graph);
  if (!source || source.external) return false;
  const was = source.graph;
  return graph.name === was.name && graph.functions === was.functions &&
    sameNames(graph.inputs, was.inputs) &&
    sameNames(graph.outputs, was.outputs) &&
    graph.values.size === was.values.size &&
    (graph.values === was.values ||
      [...graph.values].every(([name, value]) => sameValue(value, was.values.get(name)))) &&
    graph.nodes.length === was.nodes.length &&
    graph.nodes.every((node, i) => nodeSource(node) === nodeSource(was.nodes[i]) && isNodeUnchanged(node));
}

export function isNodeUnchanged(node: Node): boolean {
  const source = nodeSource(node);
  if (!source || source.external) return false;
  const was = source.node;
  return node === was ||
    node.opType === was.opType && node.domain === was.domain && node.overload === was.overload &&
      node.name === was.name &&
      sameNames(node.inputs, was.inputs) && sameNames(node.outputs, was.outputs) &&
      node.attributes.size === was.attributes.size &&
      [...node.attributes].every(([key, value]) => sameAttribute(value, was.attributes.get(key)));
}

export function sameAttribute(a: Attribute, b: Attribute | undefined): boolean {
  if (a === b) return a.type !== "graph" || isGraphUnchanged(a.value);
  if (!b || a.type !== b.type) return false;
  if (a.type === "graph") {
    return graphSource(a.value) === graphSource(b.value as Graph) && isGraphUnchanged(a.value);
  }
  if (Array.isArray(a.value) && Array.isArray(b.value)) return sameNames(a.value, b.value);
  return Object.is(a.value, b.value);
}

export function sameValue(a: Value | undefined, b: Value | undefined): boolean {
  if (a === b) return true;
  if (!a || !b || a.dtype !== b.dtype || a.constant !== b.constant) return false;
  return a.shape === b.shape || !!a.shape && !!b.shape && sameNames(a.shape, b.shape);
}

function sameNames(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a === b || a.length === b.length && a.every((item, i) => Object.is(item, b[i]));
}
