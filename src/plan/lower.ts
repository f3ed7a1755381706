// Graph to plan: every node's calls, in order, over operands whose layouts are chosen on the way. Calls that read only
// constants run once, when the plan is loaded (packed weights); the rest share one arena.
import { UnsupportedError, within } from "../error.ts";
import { type Graph, type Name, type Node, nodeLabel } from "../graph/graph.ts";
import { fromChannelsLast, layoutNumbers, toChannelsLast } from "../kernels/channels_last.ts";
import { copyNumbers, copyStrided } from "../kernels/copy_strided.ts";
import { type Call, call, typed, type WordType, wordTypeOf } from "../kernels/kernel.ts";
import { packCodes, unpackCodes } from "../kernels/pack_codes.ts";
import { byteOffset, packing, packNumbers, wordsOf } from "../ops/layout.ts";
import type { Arrangement, Layout, Op, Operand, Scratch } from "../ops/op.ts";
import { checkOps, opOf } from "../ops/table.ts";
import { elementCount, sameShape, type Shape } from "../tensor/shape.ts";
import { type Tensor, tensorOver } from "../tensor/tensor.ts";
import { fuseClamps, fuseResiduals, fuseRounding, knownOf } from "./fuse.ts";
import { home } from "./home.ts";
import type { Plan, Port } from "./plan.ts";

export type Draft = { readonly words: number; readonly type: WordType; readonly tensor?: Tensor };

/** Plans a graph whose shapes are static ("run infer_shapes first"). */
export function planGraph(graph: Graph): Plan {
  const lowering = new Lowering(fuseClamps(fuseResiduals(fuseRounding(checkOps(graph)))));
  return lowering.plan();
}

/** The state of one planning run: buffers drafted so far and where each value stands, by layout. */
class Lowering {
  private readonly graph: Graph;
  private readonly drafts = new Map<string, Draft>();
  private readonly calls: Call[] = [];
  private readonly operands = new Map<Name, Operand>();
  private readonly converted = new Map<string, Operand>();

  constructor(graph: Graph) {
    this.graph = graph;
  }

  plan(): Plan {
    for (const name of this.graph.inputs) this.operands.set(name, this.draft(name, name, "plain"));
    const { nodes, inputs, outputs } = this.graph;
    for (const node of nodes) {
      this.drawnFor(node, () => within(nodeLabel(node), () => this.lower(node)));
    }
    const fed = inputs.map((name) => this.port(name));
    const given = outputs.map((name) => {
      const maker = nodes.find((node) => node.outputs.includes(name));
      return this.drawnFor(maker, () => this.port(name));
    });
    return home(this.drafts, this.calls, fed, given);
  }

  /** Calls that `draw` adds know their node. */
  private drawnFor<T>(node: Node | undefined, draw: () => T): T {
    const first = this.calls.length;
    const drawn = draw();
    if (!node) return drawn;
    const known = { name: node.name || node.outputs[0], type: node.opType };
    for (let i = first; i < this.calls.length; i++) this.calls[i] = { ...this.calls[i], node: known };
    return drawn;
  }

  private lower(node: Node) {
    const op = opOf(node);
    const inputs = node.inputs.map((name) => name === "" ? undefined : this.operandOf(name));
    if (op.views && this.viewsPacked(node, inputs[0])) return this.view(node, inputs[0]!);
    const chosen = this.arrange(op, inputs, node);
    const arranged = inputs.map((input, i) => input && this.inLayout(input, chosen.inputs[i]));
    if (op.views) return this.view(node, arranged[0]!);
    if (!op.lower) throw new UnsupportedError("Cannot run this operator on data: only on constants");
    const outputs = node.outputs.map((name, i) => {
      const operand = this.draft(name, name, chosen.outputs[i]);
      this.operands.set(name, operand);
      return operand;
    });
    let count = 0;
    const scratch: Scratch = (words, type = "f32") => {
      const name = `${node.outputs[0]}#${++count}`;
      this.drafts.set(name, { words, type });
      return name;
    };
    const constant = (words: Float32Array | Int32Array | Uint32Array) => this.uploaded(scratch, words);
    const calls = op.lower(node, { inputs: arranged, outputs, scratch, constant });
    const needed = calls.filter((one) => one.kernel.writes.some((binding) => this.wordsIn(one, binding) > 0));
    this.calls.push(...needed.flatMap((one) => this.unaliased(one, scratch)));
  }

  private arrange(op: Op, inputs: readonly (Operand | undefined)[], node: Node): Arrangement {
    const known = node.outputs.map((name) => knownOf(this.graph, name)!);
    const own = op.arrange?.(inputs, known);
    if (own) return own;
    const layout = chooseLayout(op, inputs, this.shapeOf(node.outputs[0]));
    const keeps = (rank: number) => rank > 2 && (op.layout === "follow" || rank === inputs[0]?.shape.length);
    return {
      inputs: inputs.map((input, i) => input ? wishFor(op, layout, input, i) : "plain"),
      outputs: node.outputs.map((name) => keeps(this.shapeOf(name).length) ? layout : "plain"),
    };
  }

  private uploaded(scratch: Scratch, words: Float32Array | Int32Array | Uint32Array): string {
    const type = words instanceof Float32Array ? "f32" : words instanceof Int32Array ? "i32" : "u32";
    const dtype = ({ f32: "float32", i32: "int32", u32: "uint32" } as const)[type];
    const name = scratch(words.length, type);
    this.drafts.set(name, { words: words.length, type, tensor: tensorOver(dtype, [words.length], words) });
    return name;
  }

  /** Packed codes may be seen under another shape that packs them alike: channels, and the images before them. */
  private viewsPacked(node: Node, input: Operand | undefined): boolean {
    if (input?.layout !== "packed") return false;
    const images = (shape: Shape) => shape.length === 4 ? shape[0] : packing(shape).rows;
    const [from, to] = [input.shape, this.shapeOf(node.outputs[0])];
    return packing(from).channels === packing(to).channels && images(from) === images(to);
  }

  /** Calls that would write tensors of no elements are left out. */
  private wordsIn({ buffers }: Call, binding: string): number {
    return this.drafts.get(buffers[binding] ?? "")?.words ?? 0;
  }

  /** WebGPU binds no part of a writable buffer twice: what a call reads twice (x · x) is copied first. */
  private unaliased(one: Call, scratch: Scratch): Call[] {
    const buffers: Record<string, string | undefined> = {};
    const copies: Call[] = [];
    for (const [binding, name] of Object.entries(one.buffers)) {
      buffers[binding] = name;
      if (name === undefined || !Object.values(buffers).slice(0, -1).includes(name)) continue;
      const { words, type } = this.drafts.get(name)!;
      buffers[binding] = scratch(words, type);
      const axis = { count: words, inStride: 1, outStride: 1 };
      copies.push(call(typed(copyStrided, type), { x: name, y: buffers[binding] }, copyNumbers([axis])));
    }
    return copies.length === 0 ? [one] : [...copies, { ...one, buffers }];
  }

  /** The output is the input's buffer under another shape. */
  private view(node: Node, input: Operand) {
    const [output] = node.outputs;
    this.operands.set(output, { ...input, shape: this.shapeOf(output), layout: input.layout });
  }

  private operandOf(name: Name): Operand {
    const known = this.operands.get(name);
    if (known) return known;
    const operand = this.draft(name, name, "plain");
    this.operands.set(name, operand);
    return operand;
  }

  private draft(buffer: string, name: Name, layout: Layout): Operand {
    const value = knownOf(this.graph, name)!;
    const operand: Operand = {
      buffer,
      dtype: value.dtype,
      shape: this.shapeOf(name),
      layout,
      constant: value.constant,
    };
    this.drafts.set(buffer, {
      words: wordsOf(operand),
      type: layout === "packed" ? "u32" : wordTypeOf(value.dtype),
      tensor: value.constant,
    });
    return operand;
  }

  private shapeOf(name: Name) {
    const value = knownOf(this.graph, name);
    if (!value) {
      throw new UnsupportedError(
        `Cannot plan value "${name}": its shape depends on the input data, expected a static one`,
      );
    }
    return value.shape;
  }

  private inLayout(operand: Operand, layout: Layout): Operand {
    if (operand.layout === layout) return operand;
    // Packed codes of other ranks than 4 stand along the last axis, far from channels last.
    if (operand.shape.length !== 4 && operand.layout !== "plain" && layout !== "plain") {
      return this.inLayout(this.inLayout(operand, "plain"), layout);
    }
    // A buffer may be seen under several shapes (Reshape), and each is laid out in its own way.
    const key = `${operand.buffer}[${operand.shape}]@${layout}`;
    const known = this.converted.get(key);
    if (known) return known;
    const result: Operand = { ...operand, buffer: key, layout, constant: undefined };
    this.drafts.set(key, {
      words: wordsOf(result),
      type: layout === "packed" ? "u32" : wordTypeOf(operand.dtype),
    });
    this.calls.push(converting(operand, result));
    this.converted.set(key, result);
    return result;
  }

  private port(name: Name): Port {
    const { buffer, dtype, shape } = this.inLayout(this.operandOf(name), "plain");
    return { name, buffer, dtype, shape };
  }
}

/** The copy that brings an operand into another layout. */
function converting(from: Operand, to: Operand): Call {
  const buffers = { x: from.buffer, y: to.buffer };
  if (to.layout === "packed") {
    return call(packCodes, buffers, { ...packNumbers(from), offset: byteOffset(from.dtype) });
  }
  if (from.layout === "packed") {
    return call(unpackCodes, buffers, { ...packNumbers(to), offset: byteOffset(to.dtype) });
  }
  const [images, channels, ...pixels] = from.shape;
  const kernel = to.layout === "channels_last" ? toChannelsLast : fromChannelsLast;
  const numbers = layoutNumbers(images, channels, elementCount(pixels));
  return call(typed(kernel, wordTypeOf(from.dtype)), buffers, numbers);
}

/** The layout of a node's outputs; its inputs are arranged to suit. */
function chooseLayout(op: Op, inputs: readonly (Operand | undefined)[], out: readonly number[]): Layout {
  const first = inputs[0];
  if (op.layout === "plain" || !first) return "plain";
  if (op.layout === "channels_last") {
    if (first.shape.length < 3) {
      throw new UnsupportedError(`Cannot plan rank ${first.shape.length} data here: expected [N, C, …]`);
    }
    return "channels_last";
  }
  if (op.layout === "any") return unpacked(first);
  const wide = inputs.filter((input) => input && elementCount(input.shape) > 1) as Operand[];
  const alike = wide.length > 0 && wide.every((input) => sameShape(input.shape, out));
  return alike && wide.some((input) => input.layout === "channels_last") ? "channels_last" : "plain";
}

function unpacked({ layout, shape }: Operand): Layout {
  if (layout !== "packed") return layout;
  return shape.length === 4 ? "channels_last" : "plain";
}

function wishFor(op: Op, layout: Layout, input: Operand, index: number): Layout {
  if (op.layout === "any") return unpacked(input);
  if (op.layout === "channels_last") return index === 0 || index === op.residual?.input ? layout : "plain";
  return input.shape.length > 2 && elementCount(input.shape) > 1 ? layout : "plain";
}
