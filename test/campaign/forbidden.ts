// What ONNX Runtime runs though ONNX forbids it: such nodes are no cases.
import type { Name, Node } from "../../src/graph/graph.ts";
import type { Shape } from "../../src/tensor/shape.ts";

type ShapeOf = (name: Name) => Shape | undefined;

const rules: Readonly<Record<string, (inputs: readonly (Shape | undefined)[], node: Node) => boolean>> = {
  // The slope stretches over the data, never the other way.
  PRelu: ([x, slope]) => !stretches(slope!, x!),
  // Batches are as many in both.
  GatherND: ([x, indices], node) =>
    Array.from({ length: intOf(node, "batch_dims", 0) }).some((_, axis) => x![axis] !== indices![axis]),
  // No more conditions than elements.
  Compress: ([x, condition], node) => condition![0] > sizeAlong(x!, node),
  // Parts that hold nothing: ONNX Runtime ends the process.
  Split: ([x], node) => {
    const parts = intOf(node, "num_outputs", 1);
    const size = x!.at(intOf(node, "axis", 0)) ?? 0;
    return (parts - 1) * Math.ceil(size / parts) >= Math.max(size, 1);
  },
  AveragePool: ([x], node) => isOverhanging(x!, node),
  MaxPool: ([x], node) => isOverhanging(x!, node),
  LpPool: ([x], node) => isOverhanging(x!, node),
};

export function isForbidden(node: Node, shapeOf: ShapeOf): boolean {
  if (hasOddAxes(node, shapeOf)) return true;
  if (!Object.hasOwn(rules, node.opType) || node.domain !== "") return false;
  return rules[node.opType](node.inputs.map(shapeOf), node);
}

/** Axes that are named twice, or that the data do not have. */
function hasOddAxes(node: Node, shapeOf: ShapeOf): boolean {
  const rank = shapeOf(node.inputs[0] ?? "")?.length ?? 0;
  const axes = intsOf(node, "axes");
  // Without the attribute: the axes after the channels, as if the data were an image.
  if (node.opType === "MeanVarianceNormalization" && axes.length === 0) return rank < 4;
  const distinct = new Set(axes.map((axis) => axis < 0 ? axis + rank : axis));
  return distinct.size < axes.length;
}

function stretches(from: Shape, to: Shape): boolean {
  return from.length <= to.length && from.every((size, i) => size === 1 || size === to.at(i - from.length));
}

function intOf({ attributes }: Node, name: string, otherwise: number): number {
  const found = attributes.get(name);
  return found?.type === "int" ? Number(found.value) : otherwise;
}

function intsOf({ attributes }: Node, name: string): number[] {
  const found = attributes.get(name);
  return found?.type === "ints" ? found.value.map(Number) : [];
}

function sizeAlong(x: Shape, node: Node): number {
  const all = x.reduce((product, size) => product * size, 1);
  return node.attributes.has("axis") ? x.at(intOf(node, "axis", 0)) ?? all : all;
}

/** The window is larger than the padded data: ONNX Runtime's division rounds a count of −½ to 0 and adds one. */
function isOverhanging(x: Shape, node: Node): boolean {
  const mode = node.attributes.get("auto_pad");
  if (mode?.type === "string" && mode.value.startsWith("SAME")) return false;
  const [pads, dilations] = [intsOf(node, "pads"), intsOf(node, "dilations")];
  const kernel = intsOf(node, "kernel_shape");
  return kernel.some((size, i) => {
    const reach = (size - 1) * (dilations[i] ?? 1) + 1;
    return reach > x[i + 2] + (pads[i] ?? 0) + (pads[i + kernel.length] ?? 0);
  });
}
