// A graph of ONNX in XIR's terms: one operator per node as far as XIR has one, in the order of the nodes.
import { type Graph, type Name, type Node, staticValueOf } from "../graph/graph.ts";
import { operatorName } from "../ops/table.ts";
import { staticGraph } from "../passes/static_shapes.ts";
import { Conversion, type Made, type Place } from "./conversion.ts";
import type { XirGraph } from "./graph.ts";
import { shapeIn } from "./layout.ts";
import { roundConstants } from "./rows/fix.ts";
import type { Refused } from "./rows/row.ts";
import { rowOf } from "./rows/table.ts";

/**
 * The graph at batch 1. 4-D values are NHWC where a convolution or pool makes or reads them; where a node needs NCHW,
 * a permutation is inserted. A node that XIR cannot express becomes an operator with the reason, `refused`; nothing is
 * thrown for it.
 *
 * ```ts
 * const { ops } = toXir(prepare(model, 13));
 * for (const { name, type, shape, refused } of ops) console.log(name, type, shape, refused ?? "");
 * ```
 */
export function toXir(graph: Graph): XirGraph {
  const fixed = staticGraph(graph);
  const from = new Conversion(fixed);
  roundConstants(from);
  for (const name of fixed.inputs) addInput(name, from);
  for (const node of fixed.nodes) addNode(node, from);
  const outputs = fixed.outputs.map((name) => from.place(name)?.op ?? from.read(name, "plain"));
  return { name: graph.name || "graph", ops: from.ops, outputs };
}

/** Inputs are NHWC unless every reader takes them in ONNX's order. */
function addInput(name: Name, from: Conversion) {
  const value = staticValueOf(from.graph, name);
  const layout = value?.shape.length === 4 && !isPermutedFirst(name, from) ? "last" : "plain";
  const shape = value ? shapeIn(value.shape, layout) : [];
  const op = from.add(name, {
    type: "data",
    attributes: { shape, data_type: "FLOAT32" },
    inputs: {},
    shape,
    ...(!value && { refused: `the shape of input "${name}" is unknown` }),
  });
  from.put(name, { op, layout });
}

/** Models of other frameworks permute their NHWC input to NCHW first. */
function isPermutedFirst(name: Name, from: Conversion): boolean {
  const readers = from.readers.get(name) ?? [];
  return readers.length > 0 &&
    readers.every(({ opType, outputs }) =>
      opType === "Transpose" || opType === "Reshape" ||
      (opType === "Fix" && isPermutedFirst(outputs[0], from))
    );
}

function addNode(node: Node, from: Conversion) {
  if (from.constant(node.outputs[0])) return;
  const made = convert(node, from);
  if (made === "same") return alias(node.outputs[0], node.inputs[0], from);
  if ("refused" in made) return addUnsupported(node, made, from);
  node.outputs.forEach((name, i) => addOperator(node, name, made[i], from));
}

function convert(node: Node, from: Conversion): readonly Made[] | Refused | "same" {
  const unknown = [...node.inputs, ...node.outputs].find((name) => name && !staticValueOf(from.graph, name));
  const row = rowOf(node);
  if (!row) return { refused: `XIR has no operator for ${operatorName(node)}` };
  if (unknown !== undefined) return { refused: `the shape of "${unknown}" is unknown` };
  const made = row(node, from);
  return typeof made === "object" && !("refused" in made) ? [made].flat() : made;
}

function addOperator(node: Node, name: Name, made: Made | undefined, from: Conversion) {
  if (!made || name === "") return;
  const { layout = "plain", name: given, type, attributes, inputs, outputPadding } = made;
  const shape = shapeIn(from.shape(name), layout);
  const stem = given ?? (node.outputs.length === 1 ? node.name || name : name);
  const added = from.add(stem, {
    ...{ type, attributes, inputs, shape },
    ...(outputPadding && { outputPadding }),
    node: node.name || node.outputs[0],
  });
  from.put(name, {
    op: added,
    layout: shape.length === 4 ? layout : "plain",
    ...columnsOf(node, made, from),
  });
}

/** Elementwise operators keep the order of their data's columns. */
function columnsOf(
  { inputs: [x] }: Node,
  { type, channels }: Made,
  from: Conversion,
): Pick<Place, "channels"> {
  const kept = channels ?? (type === "matmul" ? undefined : from.place(x)?.channels);
  return kept === undefined ? {} : { channels: kept };
}

function alias(name: Name, input: Name, from: Conversion) {
  const place = from.place(input);
  if (place) from.put(name, place);
  else from.alias(name, from.constant(input)!);
}

/** One operator for all of its results, so that its readers find them; its inputs are as they are. */
function addUnsupported(node: Node, { refused }: Refused, from: Conversion) {
  const inputs = node.inputs.flatMap((name) => from.place(name)?.op ?? []);
  const layout = from.meet(node.inputs);
  const shapes = node.outputs.map((name) => staticValueOf(from.graph, name)?.shape ?? []);
  const op = from.add(node.name || node.outputs[0], {
    type: node.opType,
    attributes: {},
    inputs: inputs.length > 0 ? { input: inputs } : {},
    shape: shapeIn(shapes[0], layout),
    node: node.name || node.outputs[0],
    refused,
  });
  node.outputs.forEach((name, i) =>
    name && from.put(name, { op, layout: shapes[i].length === 4 ? layout : "plain" })
  );
}
