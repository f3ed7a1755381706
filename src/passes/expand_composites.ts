// Nodes become the nodes that they draw: composite operators (ONNX: functions of other operators), and those that read
// a constant which a device cannot bind whole. Only plans see the result: the file keeps its nodes.
import { UnsupportedError, within } from "../error.ts";
import { freshNames, withNodes, withValues } from "../graph/edit.ts";
import { type Graph, type Name, type Node, nodeLabel, type Value } from "../graph/graph.ts";
import type { Known, Op } from "../ops/op.ts";
import type { Sketch } from "../ops/sketch.ts";
import { domainOf, findOp } from "../ops/table.ts";
import { knownOf } from "../plan/fuse.ts";
import { elementCount } from "../tensor/shape.ts";
import { dependsOnData } from "./infer_shapes.ts";

/** Draws every composite whose inputs have known shapes; the same graph where there is none. */
export function expandComposites(graph: Graph): Graph {
  return redrawn(graph, (op, node, known) => {
    if (!op.expand || dependsOnData(op, node, known)) return undefined;
    return (sketch) => op.expand!(sketch, node);
  });
}

/** Draws every node that reads a constant of more than `most` elements over parts of it, where it can be divided. */
export function divideConstants(graph: Graph, most: number): Graph {
  // Packing pads channels: an operator may take up to four times as much.
  const isLarge = (one: Value | Known | undefined) =>
    one?.constant !== undefined && elementCount(one.constant.shape) * 4 > most;
  if (![...graph.values.values()].some(isLarge)) return graph;
  return redrawn(graph, (op, node, known) => {
    if (!op.divide || !known.some(isLarge)) return undefined;
    return (sketch) => op.divide!(sketch, node, most);
  });
}

/** Tables that no memory holds are refused like those past the host's limit. */
function roomy(draw: Drawing, sketch: Sketch): boolean | void {
  try {
    return draw(sketch);
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new UnsupportedError(`Cannot make the constants of this node: ${cause.message}`, { cause });
  }
}

type Drawing = (sketch: Sketch) => boolean | void;
type DrawingOf = (op: Op, node: Node, known: readonly (Known | undefined)[]) => Drawing | undefined;

function redrawn(graph: Graph, drawing: DrawingOf): Graph {
  const constants: [Name, Value][] = [];
  const fresh = freshNames(graph);
  let changed = false;
  const nodes = graph.nodes.flatMap((node): readonly Node[] => {
    const drawn = within(nodeLabel(node), () => nodesFor(graph, node, drawing, constants, fresh));
    changed ||= drawn !== undefined;
    return drawn ?? [node];
  });
  return changed ? withValues(withNodes(graph, nodes), constants) : graph;
}

function nodesFor(
  graph: Graph,
  node: Node,
  drawing: DrawingOf,
  constants: [Name, Value][],
  unused: (stem: string) => Name,
): Node[] | undefined {
  const op = findOp(node);
  const known = node.inputs.map((name) => knownOf(graph, name));
  if (!op || node.inputs.some((name, i) => name !== "" && !known[i])) return undefined;
  const draw = drawing(op, node, known);
  if (!draw) return undefined;
  const drawn: Node[] = [];
  let count = 0;
  const stem = node.outputs.find((name) => name !== "");
  const fresh = () => unused(`${stem}/${++count}`);
  const isDrawn = roomy(draw, {
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
  });
  return isDrawn === false ? undefined : drawn;
}
