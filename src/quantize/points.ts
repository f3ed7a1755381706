// Where quantizers go: ops declare their role, this walk turns roles into points. A point is a value with an encoding
// of its own; a carried value shares its source's. What stays float is listed with the reason.
import { consumers } from "../graph/edit.ts";
import { type Graph, type Name, type Node } from "../graph/graph.ts";
import { findOp } from "../ops/table.ts";
import { converts } from "../passes/element_types.ts";

export type WeightPoint = {
  readonly name: Name;
  /** First output of the node that computes with it. */
  readonly node: Name;
  readonly axis: number;
  /** The value it is multiplied with, whose scale the bias needs. */
  readonly input: Name;
  readonly bias?: Name;
};

export type FloatNode = { readonly name: string; readonly type: string; readonly why: string };

export type Points = {
  readonly activations: readonly Name[];
  /** Every value to round, and the activation point whose encoding it has. */
  readonly encodedBy: ReadonlyMap<Name, Name>;
  readonly weights: readonly WeightPoint[];
  /** First outputs of the nodes that will run on codes. */
  readonly quantized: ReadonlySet<Name>;
  readonly float: readonly FloatNode[];
};

/** Chooses the points of a float graph whose constants are folded. `excludes` answers why a node must stay float. */
export function choosePoints(graph: Graph, excludes: (node: Node) => string | undefined): Points {
  const walk = new Walk(graph, excludes);
  for (const node of graph.nodes) walk.visit(node);
  return walk.points();
}

const onlyFloat = "its result is only read in float";

/** Values that reach a computing node through nodes that can work on codes. */
function wantedValues(graph: Graph, excludes: (node: Node) => string | undefined): Set<Name> {
  const wanted = new Set<Name>();
  for (const node of [...graph.nodes].reverse()) {
    const role = excludes(node) ? undefined : findOp(node)?.role;
    if (role?.kind === "computes") wanted.add(node.inputs[0]);
    else if (role && role.kind !== "resists" && node.outputs.some((name) => wanted.has(name))) {
      for (const name of node.inputs) wanted.add(name);
    }
  }
  return wanted;
}

class Walk {
  private readonly activations: Name[] = [];
  private readonly encodedBy = new Map<Name, Name>();
  private readonly weights: WeightPoint[] = [];
  private readonly quantized = new Set<Name>();
  private readonly float: FloatNode[] = [];
  private readonly biases = new Set<Name>();
  private readonly readers: ReadonlyMap<Name, Node[]>;
  private readonly wanted: ReadonlySet<Name>;
  private readonly graph: Graph;
  private readonly excludes: (node: Node) => string | undefined;

  constructor(graph: Graph, excludes: (node: Node) => string | undefined) {
    this.graph = graph;
    this.excludes = excludes;
    this.readers = consumers(graph);
    this.wanted = wantedValues(graph, excludes);
  }

  points(): Points {
    const { activations, encodedBy, weights, quantized, float } = this;
    return { activations, encodedBy, weights, quantized, float };
  }

  visit(node: Node) {
    if (this.quantized.has(node.outputs[0])) return;
    const why = this.excludes(node) ?? this.tryPoint(node);
    if (why) this.float.push({ name: node.name || node.outputs[0], type: node.opType, why });
  }

  /** Makes the node's points, or answers why it stays float. */
  private tryPoint(node: Node): string | undefined {
    const role = findOp(node)?.role;
    switch (role?.kind) {
      case "computes":
        return this.compute(node, role);
      case "joins":
        return this.join(node);
      case "follows":
        if (!this.encodedBy.has(node.inputs[0])) return "its input is not quantized";
        if (!this.wanted.has(node.outputs[0])) return onlyFloat;
        this.own(node.outputs[0]);
        this.quantized.add(node.outputs[0]);
        return undefined;
      case "carries": {
        const source = this.encodedBy.get(node.inputs[0]);
        if (source === undefined) return "its input is not quantized";
        const constants = node.inputs.map((name) => this.graph.values.get(name)?.constant);
        if (role.keeps && !role.keeps(constants, node)) {
          return "it brings in a number that the codes of its input may not hold";
        }
        if (!node.outputs.some((name) => this.wanted.has(name))) return onlyFloat;
        for (const name of node.outputs) this.encodedBy.set(name, source);
        this.quantized.add(node.outputs[0]);
        return undefined;
      }
      default:
        return "its operator stays float";
    }
  }

  private compute(
    node: Node,
    role: { weight: number; bias?: number; axis: (node: Node, rank: number) => number },
  ) {
    const weight = this.graph.values.get(node.inputs[role.weight]);
    if (!weight?.constant) return "its weights are not constant";
    if (!this.isFloat(node.inputs[0])) return `its input is ${this.graph.values.get(node.inputs[0])?.dtype}`;
    const name = node.inputs[role.weight];
    const axis = role.axis(node, weight.constant.shape.length);
    if (this.weights.some((other) => other.name === name && other.axis !== axis)) {
      return `its weight "${name}" is shared with a node that uses it along another axis`;
    }
    const bias = role.bias === undefined ? undefined : node.inputs[role.bias];
    const biasIsOurs = bias !== undefined && this.isOneAChannel(bias, weight.constant.shape[axis]);
    if (biasIsOurs) this.biases.add(bias);
    this.own(node.inputs[0]);
    this.weights.push({
      name,
      node: node.outputs[0],
      axis,
      input: node.inputs[0],
      bias: biasIsOurs ? bias : undefined,
    });
    // Runtimes have integer convolutions only from codes to codes, but matrix products from codes to float too.
    this.finish(node, weight.constant.shape.length > 2);
    return undefined;
  }

  /** A constant with one number a channel that no other node's scales have claimed; others stay float. */
  private isOneAChannel(bias: Name, channels: number): boolean {
    const shape = this.graph.values.get(bias)?.constant?.shape;
    return shape?.length === 1 && shape[0] === channels && !this.biases.has(bias);
  }

  private join(node: Node): string | undefined {
    const inputs = node.inputs.filter((name) => name !== "");
    if (!inputs.some((name) => this.encodedBy.has(name))) return "none of its inputs is quantized";
    if (inputs.some((name) => this.graph.values.get(name)?.constant)) {
      return "one of its operands is constant";
    }
    if (!this.wanted.has(node.outputs[0])) return onlyFloat;
    for (const name of inputs) this.own(name);
    this.finish(node, false);
    return undefined;
  }

  /** The result of a node is rounded after the clamp that follows it, and left float where nobody wants codes. */
  private finish(node: Node, always: boolean) {
    this.quantized.add(node.outputs[0]);
    const [output] = node.outputs;
    const readers = this.readers.get(output) ?? [];
    const follower = readers.length === 1 && !this.graph.outputs.includes(output) ? readers[0] : undefined;
    const clamped = follower && findOp(follower)?.role.kind === "follows" && follower.inputs[0] === output &&
      findOp(node)?.clampable && !this.excludes(follower);
    const result = clamped ? follower.outputs[0] : output;
    if (clamped) this.quantized.add(result);
    // A Cast to the type of an output is an output itself.
    const isEnd = (node: Node) =>
      converts(node, this.graph.opset) && this.graph.outputs.includes(node.outputs[0]);
    const isRead = (this.readers.get(result) ?? []).some((node) => !isEnd(node));
    if (this.wanted.has(result) || (always && isRead)) this.own(result);
  }

  private isFloat(name: Name): boolean {
    const dtype = this.graph.values.get(name)?.dtype;
    return dtype === undefined || dtype === "float32";
  }

  private own(name: Name) {
    if (this.encodedBy.has(name)) return;
    this.activations.push(name);
    this.encodedBy.set(name, name);
  }
}
