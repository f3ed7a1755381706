// A network in the making. Every node that is added has been run by ONNX Runtime on the values so far, so that it alone
// decides what is valid, and shapes and numbers are known without anything of halftone's.
import type { Attribute, Dim, Graph, Name, Node, Value } from "../../src/graph/graph.ts";
import { encodeModel } from "../../src/onnx/mod.ts";
import type { Tensor } from "../../src/tensor/tensor.ts";
import { floats } from "../../src/tensor/tensor.ts";
import { isForbidden } from "./forbidden.ts";
import { byRuntime } from "./runtime.ts";

/** A value with what the sample data make of it. */
export type Made = { readonly name: Name; readonly tensor: Tensor };

/** Elements of a value at most: networks stay small, so that many are drawn. */
const mostElements = 6000;

export class Draft {
  readonly opset: number;
  readonly nodes: Node[] = [];
  readonly inputs: Made[] = [];
  /** Inputs and results of nodes that depend on them. */
  readonly made: Made[] = [];
  readonly constants = new Map<Name, Tensor>();
  private count = 0;

  constructor(opset: number) {
    this.opset = opset;
  }

  fresh(stem: string): Name {
    return `${stem}${this.count++}`;
  }

  input(tensor: Tensor): Made {
    const made = { name: this.fresh("x"), tensor };
    this.inputs.push(made);
    this.made.push(made);
    return made;
  }

  constant(tensor: Tensor): Name {
    const name = this.fresh("c");
    this.constants.set(name, tensor);
    return name;
  }

  /** The value's elements: of a constant, or as the sample data make it. */
  tensorOf(name: Name): Tensor | undefined {
    return this.constants.get(name) ?? this.made.find((made) => made.name === name)?.tensor;
  }

  node(
    { opType, domain = "" }: { opType: string; domain?: string },
    inputs: readonly Name[],
    outputs: readonly Name[],
    attributes: ReadonlyMap<string, Attribute> = new Map(),
  ): Node {
    return { opType, domain, name: "", inputs, outputs, attributes };
  }

  /** Adds the node where ONNX Runtime runs it and its results are of use; answers whether it did. */
  async add(node: Node): Promise<boolean> {
    const found = this.forbids(node) ? undefined : await this.tried(node);
    if (!found) return false;
    this.nodes.push(node);
    const isConstant = node.inputs.every((name) => name === "" || this.constants.has(name));
    found.forEach((tensor, name) => {
      if (isConstant) this.constants.set(name, tensor);
      else this.made.push({ name, tensor });
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

  /** What the node makes of the sample data. */
  private async tried(node: Node): Promise<ReadonlyMap<Name, Tensor> | undefined> {
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
      const [found] = await byRuntime(encodeModel(graph), [feeds], "disabled");
      return [...found.values()].every(isOfUse) ? found : undefined;
    } catch {
      return undefined;
    }
  }

  graph(outputs: readonly Name[], dimsOf: (made: Made) => readonly Dim[]): Graph {
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
 * Another rounding gives results of other sizes: they read nothing that is rounded, and nothing that wants a size reads
 * them.
 */
export const sizedByData = new Set(["NonMaxSuppression", "NonZero", "Unique"]);

/** The largest element of a value is larger. */
export const leastOfUse = 1e-4;

/** The most axes of a value. */
const mostAxes = 5;

/** Neither empty nor large nor NaN nor beyond what float16 holds. */
function isOfUse(t: Tensor): boolean {
  if (t.shape.length > mostAxes) return false;
  if (t.bytes.byteLength === 0 || t.shape.includes(0)) return false;
  if (t.dtype !== "float32") return t.bytes.byteLength <= 8 * mostElements;
  const values = floats(t);
  if (values.length > mostElements) return false;
  const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return values.every(Number.isFinite) && largest < 1e4 && largest > leastOfUse;
}
