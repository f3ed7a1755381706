// Q/DQ to integer operators: DequantizeLinear → Conv → QuantizeLinear becomes QLinearConv, as runtimes fuse it, and
// likewise every operator that declares an integer form. Others stay between Q/DQ and run in float.
import {
  constantOf,
  consumers,
  freshNames,
  producers,
  removeUnused,
  withNodes,
  withValues,
} from "../graph/edit.ts";
import { type Graph, internalDomain, type Name, type Node, type Value } from "../graph/graph.ts";
import { isByte, isNibble, sameCoding } from "../ops/declare/on_codes.ts";
import type { Coded, CodesForm } from "../ops/declare/op.ts";
import { findOp } from "../ops/table.ts";
import { fuseClamps } from "../plan/fuse.ts";
import { dtypes } from "../tensor/dtype.ts";
import { numbers, type Tensor } from "../tensor/tensor.ts";
import { recognize } from "./recognize.ts";

/** The graph with Q/DQ patterns in integer form, for plans; patterns of operators are recognized, too. */
export function integerForm(graph: Graph): Graph {
  return removeUnused(new Fusion(fuseClamps(recognize(graph)), false).result());
}

/** `integerForm` for files: only integer operators that ONNX Runtime has; clamps are still attributes. */
export function integerFormOfFiles(graph: Graph): Graph {
  return removeUnused(new Fusion(fuseClamps(graph), true).result());
}

/** Whether any node computes with integers. */
export function hasIntegers(graph: Graph): boolean {
  return graph.nodes.some((node) => findOp(node)?.quantization.codes === "multiplies");
}

/** Whether any activation is quantized, in codes or simulated. */
export function isQuantized(graph: Graph): boolean {
  return graph.nodes.some((node) => ["makes", "multiplies"].includes(findOp(node)?.quantization.codes ?? ""));
}

class Fusion {
  private readonly graph: Graph;
  private readonly makers: ReadonlyMap<Name, Node>;
  private readonly readers: ReadonlyMap<Name, Node[]>;
  private readonly isForFiles: boolean;
  private readonly fresh: (stem: string) => Name;
  private readonly added: [Name, Value][] = [];

  constructor(graph: Graph, isForFiles: boolean) {
    this.graph = graph;
    this.isForFiles = isForFiles;
    this.fresh = freshNames(graph);
    this.makers = producers(graph);
    this.readers = consumers(graph);
  }

  result(): Graph {
    const replaced = new Map<Node, Node>();
    const dropped = new Set<Node>();
    for (const node of this.graph.nodes) {
      const quantizers = this.quantizersOf(node);
      const fused = quantizers && this.fused(node, quantizers);
      if (!fused) continue;
      // At the position of the first quantizer, because the node that computes its scale may come between.
      const first = this.graph.nodes.find((one) => quantizers.includes(one))!;
      replaced.set(first, fused);
      for (const one of [node, ...quantizers]) if (one !== first) dropped.add(one);
    }
    const nodes = this.graph.nodes.filter((node) => !dropped.has(node));
    const changed = withNodes(this.graph, nodes.map((node) => replaced.get(node) ?? node));
    return withValues(changed, this.added);
  }

  private fused(node: Node, quantizers: readonly Node[]): Node | undefined {
    const op = findOp(node);
    const inputs = node.inputs.map((name) => name === "" ? undefined : this.codedBy(this.makers.get(name)));
    const codings = quantizers.map((one) => this.coding(one, one.outputs[0]));
    const [output, ...others] = codings.filter((one) =>
      one && isByte(one) && one.axis === undefined
    ) as Coded[];
    if (!output || others.length < quantizers.length - 1) return undefined;
    // ONNX Runtime's kernels return codes of the type of their input.
    if (this.isForFiles && inputs[0] && inputs[0].dtype !== output.dtype) return undefined;
    const outputs = quantizers.map((one) => one.outputs[0]);
    const onCodes = this.isForFiles && op?.quantization.onCodesInFiles || op?.quantization.onCodes;
    if (onCodes) {
      const form = others.length === 0 ? onCodes(inputs, output, node, this.graph) : undefined;
      return form && this.allows(form, inputs) ? this.placed(form, node, outputs) : undefined;
    }
    const [first] = inputs;
    if (op?.role.kind !== "carries" || !first) return undefined;
    if (![output, ...others].every((one) => sameCoding(this.graph, first, one))) return undefined;
    const constants = node.inputs.map((name) => this.constant(name));
    if (op.role.brings?.(constants, node) !== undefined) return undefined;
    return { ...node, inputs: [first.codes, ...node.inputs.slice(1)], outputs };
  }

  /** Runtimes have neither halftone's own operators nor products of 4-bit codes. */
  private allows({ domain }: CodesForm, inputs: readonly (Coded | undefined)[]): boolean {
    return !this.isForFiles || (domain !== internalDomain && !inputs.some((one) => one && isNibble(one)));
  }

  private placed({ reshaped = new Map(), ...form }: CodesForm, node: Node, outputs: readonly Name[]): Node {
    const inputs = form.inputs.map((name, i) => {
      const constant = reshaped.get(i);
      if (!constant) return name;
      const stem = this.fresh(`${name}_of_columns`);
      this.added.push([stem, { dtype: constant.dtype, shape: constant.shape, constant }]);
      return stem;
    });
    return { ...node, ...form, inputs, outputs };
  }

  /** For each result of a node, the QuantizeLinear that is its only reader. */
  private quantizersOf({ outputs }: Node): Node[] | undefined {
    const found = outputs.map((name) => {
      const [reader, ...others] = this.readers.get(name) ?? [];
      if (!reader || others.length > 0 || this.graph.outputs.includes(name)) return undefined;
      return findOp(reader)?.quantization.codes === "makes" ? reader : undefined;
    });
    return found.every((one) => one !== undefined) ? found as Node[] : undefined;
  }

  private codedBy(maker: Node | undefined): Coded | undefined {
    if (!maker || findOp(maker)?.quantization.codes !== "reads") return undefined;
    return this.coding(maker, maker.inputs[0]);
  }

  /** The coding of a quantizer or dequantizer, if its scale is constant and not per block. */
  private coding({ inputs, attributes }: Node, codes: Name): Coded | undefined {
    const [scale, zeroPoint = ""] = inputs.slice(1);
    const scales = this.constant(scale);
    const number = (key: string, otherwise: number) => {
      const attribute = attributes.get(key);
      return attribute?.type === "int" ? Number(attribute.value) : otherwise;
    };
    if (!scales || (zeroPoint && !this.constant(zeroPoint)) || number("block_size", 0)) return undefined;
    const dtype = zeroPoint
      ? this.constant(zeroPoint)!.dtype
      : this.graph.values.get(codes)?.dtype ?? dtypes[number("output_dtype", dtypes.indexOf("uint8"))];
    return {
      codes,
      scale,
      zeroPoint,
      dtype,
      axis: numbers(scales).length > 1 ? number("axis", 1) : undefined,
    };
  }

  private constant(name: Name): Tensor | undefined {
    const maker = this.makers.get(name);
    return this.graph.values.get(name)?.constant ?? (maker && constantOf(maker));
  }
}
