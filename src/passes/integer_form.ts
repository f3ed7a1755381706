// Q/DQ to operators on codes: DequantizeLinear → Conv → QuantizeLinear becomes QLinearConv, as runtimes fuse it, and so
// for every operator that declares a form on codes. What has none stays between its Q/DQ, in float.
import { consumers, producers, removeUnused, withNodes } from "../graph/edit.ts";
import type { Graph, Name, Node } from "../graph/graph.ts";
import type { Coded } from "../ops/op.ts";
import { findOp } from "../ops/table.ts";
import { fuseClamps } from "../plan/fuse.ts";
import { numbers } from "../tensor/tensor.ts";

/** The graph with every Q/DQ pattern that has one in its form on codes. */
export function integerForm(graph: Graph): Graph {
  return removeUnused(new Fusion(fuseClamps(graph)).result());
}

/** Whether anything computes on codes. */
export function hasIntegers(graph: Graph): boolean {
  return graph.nodes.some((node) => findOp(node)?.computesOnCodes);
}

class Fusion {
  private readonly graph: Graph;
  private readonly makers: ReadonlyMap<Name, Node>;
  private readonly readers: ReadonlyMap<Name, Node[]>;

  constructor(graph: Graph) {
    this.graph = graph;
    this.makers = producers(graph);
    this.readers = consumers(graph);
  }

  result(): Graph {
    const replaced = new Map<Node, Node>();
    const dropped = new Set<Node>();
    for (const node of this.graph.nodes) {
      const quantizer = this.quantizerOf(node);
      const fused = quantizer && this.fused(node, quantizer);
      if (!fused) continue;
      replaced.set(node, fused);
      dropped.add(quantizer);
    }
    const nodes = this.graph.nodes.filter((node) => !dropped.has(node));
    return withNodes(this.graph, nodes.map((node) => replaced.get(node) ?? node));
  }

  private fused(node: Node, quantizer: Node): Node | undefined {
    const op = findOp(node);
    const inputs = node.inputs.map((name) => name === "" ? undefined : this.codedBy(this.makers.get(name)));
    const [scale, zeroPoint = ""] = quantizer.inputs.slice(1);
    const output: Coded = { codes: quantizer.outputs[0], scale, zeroPoint };
    if (op?.onCodes) {
      if (node.inputs.some((name, i) => name !== "" && !inputs[i])) return undefined;
      const form = op.onCodes(inputs, output, node, this.graph);
      return form && { ...node, ...form, outputs: quantizer.outputs };
    }
    const [first] = inputs;
    if (op?.role.kind !== "carries" || !first || !this.sameCoding(first, output)) return undefined;
    return { ...node, inputs: [first.codes, ...node.inputs.slice(1)], outputs: quantizer.outputs };
  }

  /** The QuantizeLinear that alone reads a node's one result. */
  private quantizerOf({ outputs }: Node): Node | undefined {
    const [reader, ...others] = this.readers.get(outputs[0]) ?? [];
    const isSole = reader && others.length === 0 && outputs.length === 1;
    if (!isSole || this.graph.outputs.includes(outputs[0])) return undefined;
    return findOp(reader)?.codes === "makes" ? reader : undefined;
  }

  private codedBy(maker: Node | undefined): Coded | undefined {
    if (!maker || findOp(maker)?.codes !== "reads") return undefined;
    const [codes, scale, zeroPoint = ""] = maker.inputs;
    return { codes, scale, zeroPoint };
  }

  private sameCoding(a: Coded, b: Coded): boolean {
    const same = (one: Name, other: Name) => {
      if (one === other) return true;
      const [x, y] = [one, other].map((name) => this.graph.values.get(name)?.constant);
      return x !== undefined && y !== undefined && x.dtype === y.dtype &&
        String(numbers(x)) === String(numbers(y));
    };
    return same(a.scale, b.scale) && same(a.zeroPoint, b.zeroPoint);
  }
}
