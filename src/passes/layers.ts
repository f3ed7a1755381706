// Layers with constant weights, as channels, and the pairs of layers with only homogeneous functions between them.
import { consumers, withValues } from "../graph/edit.ts";
import { type Graph, type Name, type Node, staticValueOf } from "../graph/graph.ts";
import { unlimited } from "../ops/lowering/clamp.ts";
import { findOp } from "../ops/table.ts";
import { elementCount, stridesOf } from "../tensor/shape.ts";
import { floats, type Tensor, tensor } from "../tensor/tensor.ts";

/** A layer's weights; passes modify these copies and store them with `withLayers`. */
export type Layer = {
  readonly node: Node;
  readonly weight: Name;
  /** An input of the node, or of the Add after a product without a bias input. */
  readonly bias?: Name;
  /** The value that includes the bias. */
  readonly result: Name;
  readonly w: Float64Array;
  readonly b?: Float64Array;
  readonly shape: Tensor["shape"];
  readonly outputs: number;
  readonly inputs: number;
  /** The channels of each element of the weight. */
  readonly outputOf: (element: number) => number;
  readonly inputOf: (element: number) => number;
  /** The share of the weight's elements that reach one output. */
  readonly reach: number;
  /** True if every output sums products of all the weight's elements. */
  readonly whole: boolean;
};

/** By first output: layers whose weight and bias, if any, are float constants with no other reader. */
export function layersOf(graph: Graph): Map<Name, Layer> {
  const readers = consumers(graph);
  const found = new Map<Name, Layer>();
  for (const node of graph.nodes) {
    const role = findOp(node)?.role;
    if (role?.kind !== "computes" || !role.inputAxis || role.isTransposed?.(node)) continue;
    const constantOf = (name: Name | undefined) => {
      const own = name && readers.get(name)?.length === 1 ? graph.values.get(name)?.constant : undefined;
      return own?.dtype === "float32" ? own : undefined;
    };
    const weight = node.inputs[role.weight];
    const w = constantOf(weight);
    if (!w || (role.biasFactor?.(node) ?? 1) !== 1) continue;
    const axis = role.axis(node, w.shape.length);
    if (axis === undefined) continue;
    const inner = role.inputAxis(node, w.shape.length);
    const channels = channelsOf(w.shape, axis, inner, role.groups?.(node) ?? 1, role.groupAxis);
    const added = role.bias === undefined ? additionTo(node, graph, readers) : undefined;
    const bias = role.bias === undefined ? added?.bias : node.inputs[role.bias];
    const b = constantOf(bias);
    if (role.bias !== undefined && bias && !b) continue;
    const reach = role.reach?.(node) ?? 1;
    // After a product, only a row of one number per channel is a bias.
    const isRow = b?.shape.at(-1) === channels.outputs && elementCount(b.shape) === channels.outputs;
    if (b && role.bias !== undefined && !(isRow && b.shape.length === 1)) continue;
    found.set(node.outputs[0], {
      node,
      weight,
      bias: isRow && bias ? bias : undefined,
      result: isRow && added ? added.result : node.outputs[0],
      w: Float64Array.from(floats(w)),
      b: b && isRow ? Float64Array.from(floats(b)) : undefined,
      shape: w.shape,
      ...channels,
      reach,
      whole: !padsOf(node) && !(role.reach && w.shape.slice(2).some((size) => size > 1)) && reach === 1,
    });
  }
  return found;
}

/** The Add that is the only reader of the node's result, and its other operand. */
function additionTo({ outputs: [product] }: Node, graph: Graph, readers: ReadonlyMap<Name, Node[]>) {
  const [sum, ...others] = readers.get(product) ?? [];
  if (
    !sum || others.length > 0 || graph.outputs.includes(product) || findOp(sum)?.algebra.affine !== "adds"
  ) {
    return undefined;
  }
  const bias = sum.inputs.find((name) => name !== product);
  return bias ? { bias, result: sum.outputs[0] } : undefined;
}

type Channels = Pick<Layer, "outputs" | "inputs" | "outputOf" | "inputOf">;

/** One axis has all channels of its side, the other those of one group. */
function channelsOf(
  shape: Tensor["shape"],
  outputAxis: number,
  inputAxis: number,
  groups: number,
  grouped: "inputs" | "outputs" = "inputs",
): Channels {
  const strides = stridesOf(shape);
  const along = (axis: number) => (element: number) => Math.floor(element / strides[axis]) % shape[axis];
  const [whole, part] = grouped === "inputs" ? [outputAxis, inputAxis] : [inputAxis, outputAxis];
  const [all, within] = [shape[whole], shape[part]];
  const [wholeOf, partOf] = [along(whole), along(part)];
  const groupOf = (element: number) => Math.floor(wholeOf(element) * groups / all) * within + partOf(element);
  return grouped === "inputs"
    ? { outputs: all, inputs: within * groups, outputOf: wholeOf, inputOf: groupOf }
    : { outputs: within * groups, inputs: all, outputOf: groupOf, inputOf: wholeOf };
}

function padsOf({ attributes }: Node): boolean {
  const [pads, auto] = [attributes.get("pads"), attributes.get("auto_pad")];
  if (pads?.type === "ints" && pads.value.some((pad) => pad !== 0n)) return true;
  return auto?.type === "string" && auto.value.startsWith("SAME");
}

export type Pair = {
  readonly first: Layer;
  readonly second: Layer;
  /** The nodes between, in order. */
  readonly between: readonly Node[];
};

/** All pairs of consecutive layers; the first one's result has no other reader. */
export function pairsOf(graph: Graph, layers: ReadonlyMap<Name, Layer>): Pair[] {
  const readers = consumers(graph);
  const outputs = new Set(graph.outputs);
  const pairs: Pair[] = [];
  for (const first of layers.values()) {
    const between: Node[] = [];
    for (let name = first.result;;) {
      const [reader, ...others] = readers.get(name) ?? [];
      if (!reader || others.length > 0 || outputs.has(name) || reader.inputs[0] !== name) break;
      const second = layers.get(reader.outputs[0]);
      if (second) {
        if (second.inputs === first.outputs) pairs.push({ first, second, between });
        break;
      }
      if (!passesFactors(graph, reader)) break;
      between.push(reader);
      name = reader.outputs[0];
    }
  }
  return pairs;
}

/** A view between them must keep channels: the next layer has as many inputs as there are channels. */
function passesFactors(graph: Graph, node: Node): boolean {
  const op = findOp(node);
  return Boolean(op?.algebra.homogeneous || op?.planning.views) || isRelu(graph, node);
}

/** Whether the node clamps at 0 without an upper bound. */
export function isRelu(graph: Graph, node: Node): boolean {
  const clamp = findOp(node)?.algebra.clamp?.(node.inputs.map((name) => staticValueOf(graph, name)), node);
  return clamp !== undefined && clamp[0] === 0 && clamp[1] >= unlimited;
}

/** The graph with the weights and biases of these layers. */
export function withLayers(graph: Graph, layers: Iterable<Layer>): Graph {
  return withValues(
    graph,
    [...layers].flatMap(({ weight, bias, w, b, shape }) => {
      const row = bias ? graph.values.get(bias)?.constant?.shape : undefined;
      const addConstant = (name: Name, numbers: Float64Array, dims: Tensor["shape"]) => {
        if (elementCount(dims) !== numbers.length) throw new Error("Invariant: a layer changed its size");
        const constant = tensor("float32", dims, numbers);
        return [name, { dtype: "float32", shape: dims, constant }] as const;
      };
      return [addConstant(weight, w, shape), ...(bias && b && row ? [addConstant(bias, b, row)] : [])];
    }),
  );
}

/** The largest magnitude of each output or input channel. */
export function channelExtents({ w, outputs, inputs, outputOf, inputOf }: Layer, side: "outputs" | "inputs") {
  const most = new Float64Array(side === "outputs" ? outputs : inputs);
  const channelOf = side === "outputs" ? outputOf : inputOf;
  w.forEach((value, i) => most[channelOf(i)] = Math.max(most[channelOf(i)], Math.abs(value)));
  return most;
}

/** Divides output channels of `first` by these factors and multiplies inputs of `second`. */
export function moveFactors({ first, second }: Pick<Pair, "first" | "second">, factors: Float64Array): void {
  first.w.forEach((value, i) => first.w[i] = value / factors[first.outputOf(i)]);
  first.b?.forEach((value, c) => first.b![c] = value / factors[c]);
  second.w.forEach((value, i) => second.w[i] = value * factors[second.inputOf(i)]);
}
