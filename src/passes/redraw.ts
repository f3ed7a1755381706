// Nodes become the nodes that they draw: what every pass that draws has in common.
import { within } from "../error.ts";
import { freshNames, withNodes, withValues } from "../graph/edit.ts";
import { type Graph, type Name, type Node, nodeLabel, type Value } from "../graph/graph.ts";
import type { Sketch } from "../ops/drawing/sketch.ts";
import { domainOf } from "../ops/table.ts";

/** What a drawing is made with; the inputs are the caller's. */
export type Paper = Omit<Sketch, "inputs">;
/** Draws a node; false: it stays as it is. */
export type Drawing = (paper: Paper) => boolean | void;

/**
 * The graph with every node drawn that has a drawing; the graph itself where none has. `heir` says which of the drawn
 * nodes keeps the name of what was drawn; absent: none.
 */
export function redrawn(
  graph: Graph,
  drawingOf: (node: Node) => Drawing | undefined,
  heir?: (drawn: readonly Node[]) => Node | undefined,
): Graph {
  const constants: [Name, Value][] = [];
  const fresh = freshNames(graph);
  let changed = false;
  const nodes = graph.nodes.flatMap((node): readonly Node[] => {
    const drawn = within(nodeLabel(node), () => {
      const drawing = drawingOf(node);
      return drawing && nodesOf(node, drawing, constants, fresh);
    });
    changed ||= drawn !== undefined;
    const named = drawn && heir?.(drawn);
    return drawn?.map((one) => one === named ? { ...one, name: node.name } : one) ?? [node];
  });
  return changed ? withValues(withNodes(graph, nodes), constants) : graph;
}

function nodesOf(
  node: Node,
  drawing: Drawing,
  constants: [Name, Value][],
  unused: (stem: string) => Name,
): Node[] | undefined {
  const drawn: Node[] = [];
  let count = 0;
  const stem = node.outputs.find((name) => name !== "");
  const fresh = () => unused(`${stem}/${++count}`);
  const isDrawn = drawing({
    outputs: node.outputs,
    add(opType, inputs, attributes = {}, outputs = [fresh()]) {
      const name = `${node.name || stem}/${opType}${drawn.length}`;
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
