// Half-precision models are computed in float32: inner values become float32, the model's inputs and outputs keep
// their type, with a Cast each, so that the new file can replace the original.
import { removeUnused, renameInput, withNodes } from "../graph/edit.ts";
import type { Attribute, Graph, Name, Node } from "../graph/graph.ts";
import { usesOf } from "../graph/order.ts";
import { findOp } from "../ops/table.ts";
import type { DType } from "../tensor/dtype.ts";
import { floats, type Tensor, tensor } from "../tensor/tensor.ts";
import { converts, type ElementTypes, elementTypes, graphsOf } from "./element_types.ts";
import { retype } from "./retype.ts";

const halves = ["float16", "bfloat16"] as const;

/** Returns the graph itself if half precision occurs only in Casts at its inputs and outputs. */
export function widenHalves(graph: Graph): Graph {
  let result = graph;
  for (const from of halves) {
    if (!computesIn(from, result, elementTypes(result))) continue;
    const widened = retype(result, { from, to: "float32", convert: asFloat, narrows: false });
    result = withoutIdleCasts(widened, elementTypes(widened));
  }
  return result;
}

function asFloat(constant: Tensor): Tensor {
  return tensor("float32", constant.shape, floats(constant));
}

type TypeOf = (name: Name) => DType | undefined;
const unknown: TypeOf = () => undefined;

function within(graph: Graph, types: ElementTypes, outside: TypeOf): TypeOf {
  return (name) => types.get(graph)!.get(name) ?? outside(name);
}

/** Whether anything but Casts and unconverted operators reads or produces this type. */
function computesIn(dtype: DType, graph: Graph, types: ElementTypes, outside = unknown): boolean {
  const typeOf = within(graph, types, outside);
  const isOf = (name: Name) => typeOf(name) === dtype;
  if ([...graph.values].some(([name, { constant }]) => constant && isOf(name))) return true;
  return graph.nodes.some((node) =>
    findOp(node) && !converts(node, graph.opset) && [...node.inputs, ...node.outputs].some(isOf) ||
    graphsOf(node).some((body) => computesIn(dtype, body, types, typeOf))
  );
}

/** Removes Casts to the input's own type, except those that produce an output. */
function withoutIdleCasts(graph: Graph, types: ElementTypes, outside = unknown): Graph {
  const typeOf = within(graph, types, outside);
  const renamed = new Map<Name, Name>();
  const nodes = graph.nodes.flatMap((node): Node[] => {
    const attributes = [...node.attributes].map(([key, attribute]): [string, Attribute] =>
      attribute.type === "graph"
        ? [key, { type: "graph", value: withoutIdleCasts(attribute.value, types, typeOf) }]
        : [key, attribute]
    );
    const used = usesOf(node).filter((name) => renamed.has(name));
    const read = used.reduce<Node>(
      (one, name) => renameInput(one, name, renamed.get(name)!),
      { ...node, attributes: new Map(attributes) },
    );
    const [output] = node.outputs;
    const isIdle = converts(node, graph.opset) && typeOf(node.inputs[0]) === typeOf(output);
    if (!isIdle || graph.outputs.includes(output)) return [read];
    renamed.set(output, read.inputs[0]);
    return [];
  });
  return removeUnused(withNodes(graph, nodes));
}
