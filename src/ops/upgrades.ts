// Forms of operators that later opsets replaced, as rows: until which opset, and how a node of the old form reads in
// the new one (ONNX Changelog), or as several nodes. A row that cannot be rewritten answers with the reason.
import type { Attribute, Graph, Name, Node } from "../graph/graph.ts";
import { intAttribute, textAttribute } from "../graph/attribute.ts";
import { constant as constantIn } from "../graph/edit.ts";
import { numbers, type Tensor, tensor } from "../tensor/tensor.ts";
import { scanWithoutBatch } from "./upgrade_scan.ts";

type NewConstant = (stem: string, value: Tensor) => Name;
export type Upgrade = {
  readonly opType: string;
  readonly until: number;
  readonly rewrite: (
    node: Node,
    graph: Graph,
    constant: NewConstant,
    fresh: (stem: string) => Name,
  ) => Node | readonly Node[] | string;
};

const intsOf = (attribute: Attribute | undefined) => attribute?.type === "ints" ? attribute.value : undefined;

/** An attribute of integers becomes an input. */
function attributeToInput(key: string, index: number) {
  return (node: Node, _graph: Graph, constant: NewConstant): Node => {
    const values = intsOf(node.attributes.get(key));
    if (!values) return node;
    const attributes = new Map(node.attributes);
    attributes.delete(key);
    const inputs = padded(node.inputs, index);
    inputs[index] = constant(`${node.outputs[0]}_${key}`, tensor("int64", [values.length], values));
    return { ...node, attributes, inputs };
  };
}

function padded(inputs: readonly Name[], length: number): Name[] {
  return [...inputs, ...new Array<Name>(Math.max(0, length - inputs.length)).fill("")];
}

function floatToInput(key: string, index: number) {
  return (node: Node, _graph: Graph, constant: NewConstant): Node => {
    const value = node.attributes.get(key);
    if (value?.type !== "float") return node;
    const attributes = new Map(node.attributes);
    attributes.delete(key);
    const inputs = padded(node.inputs, index);
    inputs[index] = constant(`${node.outputs[0]}_${key}`, tensor("float32", [], [value.value]));
    return { ...node, attributes, inputs };
  };
}

/** An attribute of one integer becomes an input of one element. */
function intToInput(key: string, index: number) {
  return (node: Node, _graph: Graph, constant: NewConstant): Node => {
    const value = node.attributes.get(key);
    if (value?.type !== "int") return node;
    const attributes = new Map(node.attributes);
    attributes.delete(key);
    const inputs = padded(node.inputs, index);
    inputs[index] = constant(`${node.outputs[0]}_${key}`, tensor("int64", [1], [value.value]));
    return { ...node, attributes, inputs };
  };
}

/** Until 12, softmax flattened everything from `axis` on; along the last axis both forms are one. */
function softmaxAxis(
  node: Node,
  graph: Graph,
  _constant: NewConstant,
  fresh: (stem: string) => Name,
): Node | Node[] {
  const axis = node.attributes.get("axis");
  const given = axis?.type === "int" ? Number(axis.value) : 1;
  const shape = graph.values.get(node.inputs[0])?.shape ?? graph.values.get(node.outputs[0])?.shape;
  const rank = shape?.length;
  const trailing = shape?.slice(given < 0 ? given : given + 1);
  const last = given === -1 || (rank !== undefined && given === rank - 1);
  const single = rank !== undefined && given >= 0 && trailing?.every((dim) => dim === 1);
  const along = (axis: number) => new Map(node.attributes).set("axis", intAttribute(axis));
  if (last || single) return { ...node, attributes: along(given) };
  const [x] = node.inputs;
  const [y] = node.outputs;
  const [shaped, flat, normal] = ["shape", "flat", "normal"].map((what) => fresh(`${y}_${what}`));
  const plain = { domain: "", name: "", attributes: new Map() };
  return [
    { ...plain, opType: "Shape", inputs: [x], outputs: [shaped] },
    {
      ...plain,
      opType: "Flatten",
      inputs: [x],
      outputs: [flat],
      attributes: new Map([["axis", intAttribute(given)]]),
    },
    { ...node, inputs: [flat], outputs: [normal], attributes: along(-1) },
    { ...plain, opType: "Reshape", inputs: [normal, shaped], outputs: [y] },
  ];
}

/** Until 10, pixels were found without a half added: the lower one where an axis grows, the upper where it shrinks. */
function resizedPlainly(node: Node, graph: Graph, constant: NewConstant): Node {
  const attributes = new Map(node.attributes);
  const listed = attributes.get("scales");
  const given = listed?.type === "floats"
    ? tensor("float32", [listed.value.length], listed.value)
    : constantIn(graph, node.inputs[1]);
  const scales = listed && given ? constant(`${node.outputs[0]}_scales`, given) : node.inputs[1];
  const shrinks = given !== undefined && numbers(given).some((ratio) => ratio < 1);
  attributes.delete("scales");
  attributes.set("coordinate_transformation_mode", textAttribute("asymmetric"));
  attributes.set("nearest_mode", textAttribute(shrinks ? "ceil" : "floor"));
  return { ...node, opType: "Resize", attributes, inputs: [node.inputs[0], "", scales] };
}

/** Until 15, regions began at the corners of pixels; what they begin at was not said. */
function cornersOfPixels(node: Node): Node {
  const attributes = new Map(node.attributes);
  return {
    ...node,
    attributes: attributes.set("coordinate_transformation_mode", textAttribute("output_half_pixel")),
  };
}

/** Until 19, a transform ran along its attribute's axis, the second unless it said another. */
function transformedAxis(node: Node, _graph: Graph, constant: NewConstant): Node {
  const axis = node.attributes.get("axis");
  const attributes = new Map(node.attributes);
  attributes.delete("axis");
  const inputs = padded(node.inputs, 2);
  inputs[2] = constant(
    `${node.outputs[0]}_axis`,
    tensor("int64", [], [axis?.type === "int" ? axis.value : 1]),
  );
  return { ...node, attributes, inputs };
}

const row = (opType: string, until: number, rewrite: Upgrade["rewrite"]): Upgrade => ({
  opType,
  until,
  rewrite,
});

export const upgrades: readonly Upgrade[] = [
  row("Scan", 9, scanWithoutBatch),
  row("Slice", 10, attributeToInput("starts", 1)),
  row("Slice", 10, attributeToInput("ends", 2)),
  row("Slice", 10, attributeToInput("axes", 3)),
  row("Clip", 11, floatToInput("min", 1)),
  row("Clip", 11, floatToInput("max", 2)),
  row("Pad", 11, attributeToInput("pads", 1)),
  row("Pad", 11, floatToInput("value", 2)),
  row("Squeeze", 13, attributeToInput("axes", 1)),
  row("Unsqueeze", 13, attributeToInput("axes", 1)),
  row("ReduceSum", 13, attributeToInput("axes", 1)),
  row("Scatter", 11, (node) => ({ ...node, opType: "ScatterElements" })),
  row("Upsample", 10, resizedPlainly),
  row("Resize", 11, resizedPlainly),
  row("Split", 13, attributeToInput("split", 1)),
  row("Softmax", 13, softmaxAxis),
  row("LogSoftmax", 13, softmaxAxis),
  row("Hardmax", 13, softmaxAxis),
  row("TopK", 10, intToInput("k", 1)),
  row("RoiAlign", 16, cornersOfPixels),
  row("DFT", 20, transformedAxis),
];
