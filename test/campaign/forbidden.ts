// Nodes that ONNX Runtime runs although ONNX forbids them, or that it computes wrongly: they are not drawn.
import type { Name, Node } from "../../src/graph/graph.ts";
import type { Shape } from "../../src/tensor/shape.ts";
import { numbers, type Tensor } from "../../src/tensor/tensor.ts";

/** The tensors that a node reads: constants, or values for the sample data. */
type Inputs = readonly (Tensor | undefined)[];

const rules: Readonly<Record<string, (inputs: readonly Shape[], node: Node, values: Inputs) => boolean>> = {
  // The slope, or the skip input, broadcasts to the data, never the other way.
  PRelu: ([x, slope]) => !stretches(slope, x),
  SkipLayerNormalization: ([x, skip]) => !stretches(skip, x),
  SkipSimplifiedLayerNormalization: ([x, skip]) => !stretches(skip, x),
  // Batch sizes are equal.
  GatherND: ([x, indices], node) =>
    Array.from({ length: intOf(node, "batch_dims", 0) }).some((_, axis) => x[axis] !== indices[axis]),
  // A one-dimensional condition, not longer than the data.
  Compress: ([x, condition], node) => condition.length !== 1 || condition[0] > sizeAlong(x, node),
  AveragePool: ([x], node) => isOverhanging(x, node),
  MaxPool: ([x], node) => isOverhanging(x, node),
  LpPool: ([x], node) => isOverhanging(x, node),
  // ONNX's shape inference gives only two axes if output_shape is smaller than the data.
  ConvTranspose: ([x], node) => intsOf(node, "output_shape").some((size, i) => size < x[i + 2]),
  // ONNX Runtime's shape inference assumes the last axis for the deviation output.
  SimplifiedLayerNormalization: ([x], node) =>
    node.outputs.length > 1 && ![-1, x.length - 1].includes(intOf(node, "axis", -1)),
  // One index per value.
  MaxUnpool: ([x, places]) => x.join() !== places.join(),
  // Normalizing one element leaves only rounding errors.
  InstanceNormalization: ([x]) => x.slice(2).every((size) => size === 1),
  // One angle per rotated pair, as many cosines as sines. Without rotary_embedding_dim the whole head is rotated;
  // otherwise ONNX Runtime leaves the rest of the head uninitialized.
  RotaryEmbedding: ([x, ...tables], node) => {
    const [cos, sin] = node.domain === "" ? tables : tables.slice(1);
    const heads = x.length === 4 ? 1 : intOf(node, "num_heads", 0);
    const whole = heads > 0 ? x.at(-1)! / heads : 2 * cos.at(-1)!;
    return cos.join() !== sin.join() || 2 * cos.at(-1)! !== (intOf(node, "rotary_embedding_dim", 0) || whole);
  },
  // One number per axis, or ONNX Runtime reads beyond its lists; and not more elements than fit into memory.
  Resize: ([x], node, [, ...lists]) => {
    const count = intsOf(node, "axes").length || x.length;
    const [scales, sizes] = node.inputs.length > 2 ? lists.slice(1) : lists;
    const isOdd = [scales, sizes].some((list) => list && ![0, count].includes(list.shape[0] ?? 0));
    return isOdd ||
      [scales, sizes].some((list) => list && numbers(list).reduce((all, one) => all * one, 1) > 1e5);
  },
  // ONNX Runtime 1.30 leaves zeros if more than the whole axis is repeated in front (1.32 does not).
  Pad: ([x], node, [, pads, , axes]) => {
    const mode = node.attributes.get("mode");
    if (!pads || mode?.type !== "string" || mode.value !== "wrap") return false;
    const along = axes ? numbers(axes) : x.map((_, axis) => axis);
    return Array.from(along).some((axis, i) => {
      const [before, after] = [numbers(pads)[i], numbers(pads)[i + along.length]];
      return Math.max(before, after) > x.at(axis)! + Math.min(before, after, 0);
    });
  },
  // A negative clip leaves an empty interval.
  RNN: (_, node) => floatOf(node, "clip", 0) < 0,
  GRU: (_, node) => floatOf(node, "clip", 0) < 0,
  LSTM: (_, node) => floatOf(node, "clip", 0) < 0,
  // In training mode it overwrites the running mean and variance that it reads, so the next run gives other results.
  BatchNormalization: (_, node) => intOf(node, "training_mode", 0) === 1,
  // halftone refuses such scales by name.
  QuantizeLinear: (_, __, [, scale]) => isNotPositive(scale),
  DequantizeLinear: (_, __, [, scale]) => isNotPositive(scale),
  // Empty parts, on which ONNX Runtime crashes, or parts without an output.
  Split: ([x], node) => {
    const parts = intOf(node, "num_outputs", 1);
    const size = x.at(intOf(node, "axis", 0)) ?? 0;
    if (node.attributes.has("num_outputs") && parts !== node.outputs.length) return true;
    return (parts - 1) * Math.ceil(size / parts) >= Math.max(size, 1);
  },
};

export function isForbidden(node: Node, valueOf: (name: Name) => Tensor | undefined): boolean {
  const values = node.inputs.map((name) => name === "" ? undefined : valueOf(name));
  if (hasOddAxes(node, values)) return true;
  if (!Object.hasOwn(rules, node.opType)) return false;
  return rules[node.opType](values.map((value) => value?.shape ?? []), node, values);
}

/** Duplicate axes, or axes that the data do not have. */
function hasOddAxes(node: Node, [x, second]: Inputs): boolean {
  const axes = axesOf(node, second);
  // Without the attribute ONNX assumes images: axes 0, 2 and 3.
  if (node.opType === "MeanVarianceNormalization" && axes.length === 0) return x!.shape.length < 4;
  const rank = (x?.shape.length ?? 0) + (node.opType === "Unsqueeze" ? axes.length : 0);
  if (rank === 0 && node.attributes.has("axis")) return true;
  const distinct = new Set(axes.map((axis) => axis < 0 ? axis + rank : axis));
  return distinct.size < axes.length || axes.some((axis) => axis < -rank || axis >= rank);
}

/** From the attribute, or in newer forms from the second input. */
function axesOf(node: Node, second: Tensor | undefined): number[] {
  const isInput = /^(Reduce|Squeeze$|Unsqueeze$)/.test(node.opType) && second !== undefined;
  return isInput ? Array.from(numbers(second)) : intsOf(node, "axes");
}

function isNotPositive(scale: Tensor | undefined): boolean {
  return scale !== undefined && numbers(scale).some((value) => !(value > 0));
}

function stretches(from: Shape, to: Shape): boolean {
  return from.length <= to.length && from.every((size, i) => size === 1 || size === to.at(i - from.length));
}

function intOf({ attributes }: Node, name: string, otherwise: number): number {
  const found = attributes.get(name);
  return found?.type === "int" ? Number(found.value) : otherwise;
}

function floatOf({ attributes }: Node, name: string, otherwise: number): number {
  const found = attributes.get(name);
  return found?.type === "float" ? found.value : otherwise;
}

function intsOf({ attributes }: Node, name: string): number[] {
  const found = attributes.get(name);
  return found?.type === "ints" ? found.value.map(Number) : [];
}

function sizeAlong(x: Shape, node: Node): number {
  const all = x.reduce((product, size) => product * size, 1);
  return node.attributes.has("axis") ? x.at(intOf(node, "axis", 0)) ?? all : all;
}

/**
 * Whether the window is larger than the padded data (ONNX Runtime rounds a count of −½ to 0 and adds one), or the last
 * window, added by ceil_mode, begins in the padding (ONNX's shape inference and ONNX Runtime disagree about it).
 */
function isOverhanging(x: Shape, node: Node): boolean {
  const mode = node.attributes.get("auto_pad");
  if (mode?.type === "string" && mode.value.startsWith("SAME")) return false;
  const [pads, dilations] = [intsOf(node, "pads"), intsOf(node, "dilations")];
  const [kernel, strides] = [intsOf(node, "kernel_shape"), intsOf(node, "strides")];
  return kernel.some((size, i) => {
    const reach = (size - 1) * (dilations[i] ?? 1) + 1;
    const [before, after] = [pads[i] ?? 0, pads[i + kernel.length] ?? 0];
    const left = x[i + 2] + before + after - reach;
    const step = strides[i] ?? 1;
    const last = Math.ceil(left / step) * step;
    return left < 0 || (intOf(node, "ceil_mode", 0) === 1 && last >= x[i + 2] + before);
  });
}
