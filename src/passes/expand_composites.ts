// Composite operators become the nodes that they draw (ONNX: functions of other operators). Only plans see the result:
// the file keeps its nodes.
import { within } from "../error.ts";
import { freshNames, withNodes, withValues } from "../graph/edit.ts";
import { type Graph, type Name, type Node, nodeLabel, type Value } from "../graph/graph.ts";
import type { Known } from "../ops/op.ts";
import { domainOf, findOp } from "../ops/table.ts";
import { knownOf } from "../plan/fuse.ts";
import { dependsOnData } from "./infer_shapes.ts";

/** Draws every composite whose inputs have known shapes; the same graph where there is none. */
export function expandComposites(graph: Graph): Graph {
  const constants: [Name, Value][] = [];
  const fresh = freshNames(graph);
  let changed = false;
  const nodes = graph.nodes.flatMap((node): readonly Node[] => {
    const drawn = within(nodeLabel(node), () => drawingOf(graph, node, constants, fresh));
    changed ||= drawn !== undefined;
    return drawn ?? [node];
  });
  return changed ? withValues(withNodes(graph, nodes), constants) : graph;
}

function drawingOf(
  graph: Graph,
  node: Node,
  constants: [Name, Value][],
  unused: (stem: string) => Name,
): Node[] | undefined {
  const op = findOp(node);
  if (!op?.expand) return undefined;
  const known = node.inputs.map((name) => knownOf(graph, name));
  if (node.inputs.some((name, i) => name !== "" && !known[i]) || dependsOnData(op, node, known)) {
    return undefined;
  }
  const drawn: Node[] = [];
  let count = 0;
  const stem = node.outputs.find((name) => name !== "");
  const fresh = () => unused(`${stem}/${++count}`);
  const isDrawn = op.expand({
    inputs: node.inputs.map((name, i) => name === "" ? undefined : { ...known[i] as Known, name }),
    outputs: node.outputs,
    add(opType, inputs, attributes = {}, outputs = [fresh()]) {
      const name = `${node.name}/${opType}${drawn.length}`;
      drawn.push({
        opType,
        domain: domainOf(opType),
        name,
        inputs,
        outputs,
        attributes: new Map(Object.entries(attributes)),
      });
      return outputs[0];
    },
    name: fresh,
    constant(value) {
      const name = fresh();
      constants.push([name, { dtype: value.dtype, shape: value.shape, constant: value }]);
      return name;
    },
  }, node);
  return isDrawn === false ? undefined : drawn;
}
