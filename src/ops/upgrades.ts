// Forms of operators that later opsets replaced, as rows: until which opset, and how a node of the old form reads in
// the new one (ONNX Changelog). A row that cannot be rewritten answers with the reason.
import type { Attribute, Graph, Name, Node } from "../graph/graph.ts";
import { intAttribute } from "../graph/attribute.ts";
import { type Tensor, tensor } from "../tensor/tensor.ts";

type NewConstant = (stem: string, value: Tensor) => Name;
export type Upgrade = {
  readonly opType: string;
  readonly until: number;
  readonly rewrite: (node: Node, graph: Graph, constant: NewConstant) => Node | string;
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

/** Until 12, softmax flattened everything from `axis` on; along the last axis both forms are one. */
function softmaxAxis(node: Node, graph: Graph): Node | string {
  const axis = node.attributes.get("axis");
  const given = axis?.type === "int" ? Number(axis.value) : 1;
  const shape = graph.values.get(node.inputs[0])?.shape ?? graph.values.get(node.outputs[0])?.shape;
  const rank = shape?.length;
  const trailing = shape?.slice(given < 0 ? given : given + 1);
  const last = given === -1 || (rank !== undefined && given === rank - 1);
  const single = rank !== undefined && given >= 0 && trailing?.every((dim) => dim === 1);
  if (!last && !single) {
    return `this ${node.opType} normalizes over several axes at once, expected the last axis alone`;
  }
  return { ...node, attributes: new Map(node.attributes).set("axis", intAttribute(given)) };
}

const row = (opType: string, until: number, rewrite: Upgrade["rewrite"]): Upgrade => ({
  opType,
  until,
  rewrite,
});

export const upgrades: readonly Upgrade[] = [
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
  ...["Max", "Mean", "Min", "Prod", "L1", "L2", "SumSquare"].map((kind) =>
    row(`Reduce${kind}`, 18, attributeToInput("axes", 1))
  ),
  row("Softmax", 13, softmaxAxis),
  row("LogSoftmax", 13, softmaxAxis),
];
