// Chooses what is quantized: operators declare their role, this walk turns roles into points. A point is a value with
// its own encoding; a carried value shares its source's. Nodes that stay float are listed with the reason.
import { constantOf, consumers, producers } from "../graph/edit.ts";
import type { Graph, Name, Node } from "../graph/graph.ts";
import { dataOf, type Role } from "../ops/declare/role.ts";
import { findOp } from "../ops/table.ts";
import { converts, elementTypes } from "../passes/element_types.ts";
import type { DType } from "../tensor/dtype.ts";
import { lengthAlong, normalAxis } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { FloatReasons } from "./float_reasons.ts";

export type WeightPoint = {
  readonly name: Name;
  /** First output of the node that computes with it. */
  readonly node: Name;
  /** The axis of output channels; absent if there is one channel. */
  readonly axis?: number;
  /** The value that it multiplies; its scale decides the bias's. */
  readonly input: Name;
  readonly bias?: Name;
};

/** A constant that is only used to look up entries along the axis. */
export type TablePoint = { readonly name: Name; readonly axis: number };

export type FloatNode = { readonly name: string; readonly type: string; readonly why: string };

export type Points = {
  readonly activations: readonly Name[];
  /** Every quantized value, and the activation point whose encoding it has. */
  readonly encodedBy: ReadonlyMap<Name, Name>;
  readonly weights: readonly WeightPoint[];
  readonly tables: readonly TablePoint[];
  /** First outputs of the nodes that run on codes. */
  readonly quantized: ReadonlySet<Name>;
  readonly float: readonly FloatNode[];
};

/**
 * Chooses the points of a float graph whose constants are folded and split between readers that need different codes.
 * `excludes` returns why a node must stay float; with `everyResult`, layers and pools have codes whoever reads them.
 */
export function choosePoints(
  graph: Graph,
  excludes: (node: Node) => string | undefined,
  everyResult = false,
): Points {
  const walk = new Walk(graph, excludes, everyResult);
  for (const node of graph.nodes) walk.visit(node);
  return walk.points();
}

/** Values that reach a computing node through nodes that can work on codes. */
function valuesToQuantize(
  graph: Graph,
  excludes: (node: Node) => string | undefined,
  isFloat: (name: Name) => boolean,
  everyResult: boolean,
): Set<Name> {
  const found = new Set<Name>();
  for (const node of [...graph.nodes].reverse()) {
    const role = excludes(node) ? undefined : findOp(node)?.role;
    if (everyResult && role && "meets" in role && role.meets === "pool") found.add(node.outputs[0]);
    if (role?.kind === "computes") {
      if (isFloat(node.inputs[0])) found.add(node.inputs[0]);
    } else if (role && role.kind !== "resists" && node.outputs.some((name) => found.has(name))) {
      for (const name of dataOf(role, node)) found.add(name);
    }
  }
  return found;
}

type RoleOf<Kind extends Role["kind"]> = Extract<Role, { kind: Kind }>;

/** Smaller tables are not worth it. */
const leastTableBytes = 2 ** 16;

class Walk {
  private readonly activations: Name[] = [];
  private readonly encodedBy = new Map<Name, Name>();
  private readonly weights: WeightPoint[] = [];
  private readonly tables = new Map<Name, TablePoint>();
  private readonly quantized = new Set<Name>();
  private readonly float: FloatNode[] = [];
  private readonly readers: ReadonlyMap<Name, Node[]>;
  private readonly makers: ReadonlyMap<Name, Node>;
  private readonly toQuantize: ReadonlySet<Name>;
  private readonly types: ReadonlyMap<Name, DType>;
  private readonly graph: Graph;
  private readonly excludes: (node: Node) => string | undefined;
  private readonly reasons: FloatReasons;
  private readonly everyResult: boolean;

  constructor(graph: Graph, excludes: (node: Node) => string | undefined, everyResult: boolean) {
    this.everyResult = everyResult;
    this.graph = graph;
    this.excludes = excludes;
    this.readers = consumers(graph);
    this.makers = producers(graph);
    this.types = elementTypes(graph).get(graph)!;
    this.toQuantize = valuesToQuantize(graph, excludes, (name) => this.isFloat(name), everyResult);
    this.reasons = new FloatReasons(graph, this.readers, this.makers);
  }

  points(): Points {
    const { activations, encodedBy, weights, quantized, float } = this;
    return { activations, encodedBy, weights, tables: [...this.tables.values()], quantized, float };
  }

  visit(node: Node) {
    if (this.quantized.has(node.outputs[0])) return;
    const why = this.excludes(node) ?? this.tryPoint(node);
    if (!why) return;
    this.reasons.add(node, why);
    this.float.push({ name: node.name || node.outputs[0], type: node.opType, why });
  }

  /** Makes the node's points, or returns why it stays float. */
  private tryPoint(node: Node): string | undefined {
    const role = findOp(node)?.role;
    if (!role || role.kind === "resists") return "its operator stays float";
    if (role.kind === "computes") return this.compute(node, role);
    if (role.kind === "carries" && this.lookUp(node, role)) return undefined;
    if (!node.outputs.some((name) => this.toQuantize.has(name))) return this.reasons.ofUnwanted(node);
    const data = dataOf(role, node);
    if (!data.some((name) => this.encodedBy.has(name))) return this.reasons.ofInputs(data);
    if (role.kind === "joins") return this.join(node, data);
    if (role.kind === "carries") return this.carry(node, role);
    this.own(node.outputs[0]);
    this.quantized.add(node.outputs[0]);
    return undefined;
  }

  private carry(node: Node, role: RoleOf<"carries">): string | undefined {
    const brought = role.brings?.(node.inputs.map((name) => this.constant(name)), node);
    if (typeof brought === "string") {
      return `it brings in a number that the codes of its input may not hold: its ${brought}`;
    }
    // Further outputs, such as masks and indices, are not float.
    for (const name of node.outputs) {
      if (name !== "" && this.isFloat(name)) this.encodedBy.set(name, this.encodedBy.get(node.inputs[0])!);
    }
    this.quantized.add(node.outputs[0]);
    return undefined;
  }

  /** Quantizes the table if all its readers look up along the same axis; the node's result is dequantized. */
  private lookUp(node: Node, { looksUp }: RoleOf<"carries">): boolean {
    const [name] = node.inputs;
    const table = this.graph.values.get(name)?.constant;
    if (!looksUp || table?.dtype !== "float32" || table.bytes.byteLength < leastTableBytes) return false;
    const axis = normalAxis(looksUp(node), table.shape.length);
    const isAlike = (reader: Node) => {
      const role = this.excludes(reader) ? undefined : findOp(reader)?.role;
      const own = role?.kind === "carries" && reader.inputs.lastIndexOf(name) === 0 && role.looksUp?.(reader);
      return typeof own === "number" && normalAxis(own, table.shape.length) === axis;
    };
    if (this.graph.outputs.includes(name) || !this.readers.get(name)!.every(isAlike)) return false;
    this.tables.set(name, { name, axis });
    this.quantized.add(node.outputs[0]);
    return true;
  }

  private compute(node: Node, role: RoleOf<"computes">): string | undefined {
    const name = node.inputs[role.weight];
    const weight = this.graph.values.get(name)?.constant;
    if (!weight) return `its weights are not constant: ${this.reasons.origin(name)}`;
    const [input] = node.inputs;
    if (!this.isFloat(input)) return `its input is ${this.types.get(input)}`;
    if (this.constant(input)) return `its input "${input}" is constant, as its weights are`;
    const axis = role.axis(node, weight.shape.length);
    const bias = role.bias === undefined ? undefined : node.inputs[role.bias];
    const isOwn = bias !== undefined && this.isOneAChannel(bias, lengthAlong(weight.shape, axis));
    this.own(input);
    this.weights.push({ name, node: node.outputs[0], axis, input, bias: isOwn ? bias : undefined });
    // Integer convolutions of runtimes give codes only; integer matrix products also give floats.
    this.finish(node, weight.shape.length > 2);
    return undefined;
  }

  /** Biases of other shapes stay float. */
  private isOneAChannel(bias: Name, channels: number): boolean {
    const shape = this.graph.values.get(bias)?.constant?.shape;
    return shape?.length === 1 && shape[0] === channels;
  }

  private join(node: Node, data: readonly Name[]): string | undefined {
    const constant = data.find((name) => this.constant(name));
    if (constant !== undefined) return `one of its operands is constant: "${constant}"`;
    const why = findOp(node)?.runtime.differs?.(node);
    if (why) return why;
    for (const name of data) this.own(name);
    this.finish(node, false);
    return undefined;
  }

  /** Quantizes a node's result, behind the clamp that follows it, if some reader runs on codes. */
  private finish(node: Node, always: boolean) {
    this.quantized.add(node.outputs[0]);
    const [output] = node.outputs;
    const readers = this.readers.get(output) ?? [];
    const follower = readers.length === 1 && !this.graph.outputs.includes(output) ? readers[0] : undefined;
    const clamped = follower && findOp(follower)?.role.kind === "follows" && follower.inputs[0] === output &&
      findOp(node)?.planning.fusesClamp && !this.excludes(follower);
    const result = clamped ? follower.outputs[0] : output;
    if (clamped) this.quantized.add(result);
    // A Cast to an output's type counts as the output.
    const isEnd = (node: Node) =>
      converts(node, this.graph.opset) && this.graph.outputs.includes(node.outputs[0]);
    const isRead = (this.readers.get(result) ?? []).some((node) => !isEnd(node));
    if (this.toQuantize.has(result) || (always && isRead) || this.everyResult) this.own(result);
  }

  /** An initializer, or the value of a Constant node. */
  private constant(name: Name): Tensor | undefined {
    const maker = this.makers.get(name);
    return this.graph.values.get(name)?.constant ?? (maker && constantOf(maker));
  }

  private isFloat(name: Name): boolean {
    const dtype = this.types.get(name);
    return dtype === undefined || dtype === "float32";
  }

  private own(name: Name) {
    if (this.encodedBy.has(name)) return;
    this.activations.push(name);
    this.encodedBy.set(name, name);
  }
}
