// A network under construction. ONNX Runtime runs every node before it is added, so it alone decides what is valid, and
// shapes and values are known without halftone.
import type { Attribute, Dim, Graph, Name, Node, Value } from "../../src/graph/graph.ts";
import { encodeModel } from "../../src/onnx/mod.ts";
import type { Tensor } from "../../src/tensor/tensor.ts";
import { floats } from "../../src/tensor/tensor.ts";
import { isForbidden } from "./forbidden.ts";
import { runInRuntime } from "./runtime.ts";

/** A value of the network, computed for the sample data. */
export type DraftValue = { readonly name: Name; readonly tensor: Tensor };

/** Most elements of a value: small networks are fast to judge. */
const mostElements = 6000;

export class Draft {
  readonly opset: number;
  readonly nodes: Node[] = [];
  readonly inputs: DraftValue[] = [];
  /** Inputs and results of nodes that depend on them. */
  readonly computed: DraftValue[] = [];
  readonly constants = new Map<Name, Tensor>();
  private count = 0;

  constructor(opset: number) {
    this.opset = opset;
  }

  fresh(stem: string): Name {
    return `${stem}${this.count++}`;
  }

  input(tensor: Tensor): DraftValue {
    const made = { name: this.fresh("x"), tensor };
    this.inputs.push(made);
    this.computed.push(made);
    return made;
  }

  constant(tensor: Tensor): Name {
    const name = this.fresh("c");
    this.constants.set(name, tensor);
    return name;
  }

  /** A constant's elements, or the value for the sample data. */
  tensorOf(name: Name): Tensor | undefined {
    return this.constants.get(name) ?? this.computed.find((made) => made.name === name)?.tensor;
  }

  node(
    { opType, domain = "" }: { opType: string; domain?: string },
    inputs: readonly Name[],
    outputs: readonly Name[],
    attributes: ReadonlyMap<string, Attribute> = new Map(),
  ): Node {
    return { opType, domain, name: "", inputs, outputs, attributes };
  }

  /** Adds the node if ONNX Runtime runs it and its results are usable; returns whether it did. */
  async add(node: Node): Promise<boolean> {
    const found = this.forbids(node) ? undefined : await this.tryNode(node);
    if (!found) return false;
    this.nodes.push(node);
    const isConstant = node.inputs.every((name) => name === "" || this.constants.has(name));
    found.forEach((tensor, name) => {
      if (isConstant) this.constants.set(name, tensor);
      else this.computed.push({ name, tensor });
    });
    return true;
  }

  private forbids(node: Node): boolean {
    const { nodes } = this;
    const sized = nodes.filter(({ opType }) => sizedByData.has(opType)).flatMap(({ outputs }) => outputs);
    if (node.inputs.some((name) => sized.includes(name))) return true;
    const isExact = (name: Name) =>
      name === "" || this.constants.has(name) || this.inputs.some((input) => input.name === name);
    if (sizedByData.has(node.opType) && !node.inputs.every(isExact)) return true;
    return isForbidden(node, (name) => this.tensorOf(name));
  }

  /** The node's outputs for the sample data; undefined if ONNX Runtime refuses the node or they are unusable. */
  private async tryNode(node: Node): Promise<ReadonlyMap<Name, Tensor> | undefined> {
    const read = [...new Set(node.inputs.filter((name) => name !== ""))];
    const values = new Map<Name, Value>();
    for (const name of read) {
      const tensor = this.tensorOf(name)!;
      const constant = this.constants.has(name) ? tensor : undefined;
      values.set(name, { dtype: tensor.dtype, shape: tensor.shape, ...(constant && { constant }) });
    }
    const inputs = read.filter((name) => !this.constants.has(name));
    const outputs = node.outputs.filter((name) => name !== "");
    const graph: Graph = { name: "node", nodes: [node], values, inputs, outputs, opset: this.opset };
    const feeds = new Map(inputs.map((name) => [name, this.tensorOf(name)!]));
    try {
      const [found] = await runInRuntime(encodeModel(graph), [feeds], "disabled");
      return [...found.values()].every(isUsable) ? found : undefined;
    } catch {
      return undefined;
    }
  }

  graph(outputs: readonly Name[], dimsOf: (made: DraftValue) => readonly Dim[]): Graph {
    const produced = new Set(this.nodes.flatMap((node) => node.outputs));
    const values = new Map<Name, Value>();
    for (const made of this.inputs) {
      values.set(made.name, { dtype: made.tensor.dtype, shape: dimsOf(made) });
    }
    for (const [name, constant] of this.constants) {
      if (!produced.has(name)) values.set(name, { dtype: constant.dtype, shape: constant.shape, constant });
    }
    const inputs = this.inputs.map(({ name }) => name);
    return { name: "campaign", nodes: this.nodes, values, inputs, outputs, opset: this.opset };
  }
}

/**
 * Operators whose output sizes depend on data, and so on rounding. They may read only constants and inputs of the
 * network, and no node reads them.
 */
export const sizedByData = new Set(["NonMaxSuppression", "NonZero", "Unique"]);

/** A value whose largest magnitude is below this is unusable. */
export const smallestUsable = 1e-4;

const mostAxes = 5;

/** Not empty, not too large, finite, not all near zero, and within float16's range. */
function isUsable(t: Tensor): boolean {
  if (t.shape.length > mostAxes) return false;
  if (t.bytes.byteLength === 0 || t.shape.includes(0)) return false;
  if (t.dtype !== "float32") return t.bytes.byteLength <= 8 * mostElements;
  const values = floats(t);
  if (values.length > mostElements) return false;
  const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return values.every(Number.isFinite) && largest < 1e4 && largest > smallestUsable;
}
