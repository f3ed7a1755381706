// Nodes become the nodes that they draw: composite operators (ONNX: functions of other operators), and those that read
// a constant which a device cannot bind whole. Only plans see the result: the file keeps its nodes.
import { UnsupportedError } from "../error.ts";
import { type Graph, type Node, type StaticValue, staticValueOf, type Value } from "../graph/graph.ts";
import { dependsOnData, type Op } from "../ops/declare/op.ts";
import type { Sketch } from "../ops/drawing/sketch.ts";
import { findOp } from "../ops/table.ts";
import { elementCount } from "../tensor/shape.ts";
import { redrawn } from "./redraw.ts";

/** Draws every composite whose inputs have known shapes; the same graph where there is none. */
export function expandComposites(graph: Graph): Graph {
  return redrawnKnown(graph, (op, node, known) => {
    if (!op.expand || dependsOnData(op, node, known)) return undefined;
    return (sketch) => op.expand!(sketch, node);
  });
}

/** Draws every node that reads a constant of more than `most` elements over parts of it, where it can be divided. */
export function divideConstants(graph: Graph, most: number): Graph {
  // Packing pads channels: an operator may take up to four times as much.
  const isLarge = (one: Value | StaticValue | undefined) =>
    one?.constant !== undefined && elementCount(one.constant.shape) * 4 > most;
  if (![...graph.values.values()].some(isLarge)) return graph;
  return redrawnKnown(graph, (op, node, known) => {
    if (!op.divide || !known.some(isLarge)) return undefined;
    return (sketch) => op.divide!(sketch, node, most);
  });
}

/** Tables that no memory holds are refused like those past the host's limit. */
function roomy<T>(draw: () => T): T {
  try {
    return draw();
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new UnsupportedError(`Cannot make the constants of this node: ${cause.message}`, { cause });
  }
}

type DrawingOf = (
  op: Op,
  node: Node,
  known: readonly (StaticValue | undefined)[],
) => ((sketch: Sketch) => boolean | void) | undefined;

/** Draws nodes whose inputs all have known shapes. */
function redrawnKnown(graph: Graph, drawingOf: DrawingOf): Graph {
  return redrawn(graph, (node) => {
    const op = findOp(node);
    const known = node.inputs.map((name) => staticValueOf(graph, name));
    if (!op || node.inputs.some((name, i) => name !== "" && !known[i])) return undefined;
    const drawing = drawingOf(op, node, known);
    const inputs = node.inputs.map((name, i) =>
      name === "" ? undefined : { ...known[i] as StaticValue, name }
    );
    return drawing && ((paper) => roomy(() => drawing({ inputs, ...paper })));
  });
}
