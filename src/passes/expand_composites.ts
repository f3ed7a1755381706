// Replaces composite operators (ONNX: functions of other operators) by simpler ones, and nodes that read a constant
// too large for a device to bind by nodes over its parts. Only plans see the result: the file keeps its nodes.
import { UnsupportedError } from "../error.ts";
import { type Graph, type Node, type StaticValue, staticValueOf, type Value } from "../graph/graph.ts";
import type { ExpansionBuilder } from "../ops/declare/builder.ts";
import { dependsOnData, type Op } from "../ops/declare/op.ts";
import { findOp } from "../ops/table.ts";
import { elementCount } from "../tensor/shape.ts";
import { replaceNodes } from "./replace_nodes.ts";

/** Expands every composite whose inputs have static shapes; returns the same graph if there is none. */
export function expandComposites(graph: Graph): Graph {
  return replaceStatic(graph, (op, node, known) => {
    if (!op.expand || dependsOnData(op, node, known)) return undefined;
    return (builder) => op.expand!(builder, node);
  });
}

/** Divides nodes that read a constant of more than `most` elements, if their operators can be divided. */
export function divideConstants(graph: Graph, most: number): Graph {
  // Packing pads channels, so that an operator may take up to four times as much.
  const isLarge = (one: Value | StaticValue | undefined) =>
    one?.constant !== undefined && elementCount(one.constant.shape) * 4 > most;
  if (![...graph.values.values()].some(isLarge)) return graph;
  return replaceStatic(graph, (op, node, known) => {
    if (!op.planning.divide || !known.some(isLarge)) return undefined;
    return (builder) => op.planning.divide!(builder, most, node);
  });
}

/** Constants that do not fit into memory are refused like those beyond the host's limit. */
function refuseHuge<T>(build: () => T): T {
  try {
    return build();
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new UnsupportedError(`Cannot make the constants of this node: ${cause.message}`, { cause });
  }
}

type ExpansionOf = (
  op: Op,
  node: Node,
  known: readonly (StaticValue | undefined)[],
) => ((builder: ExpansionBuilder) => boolean | void) | undefined;

/** Replaces nodes whose inputs all have static shapes. */
function replaceStatic(graph: Graph, expansionOf: ExpansionOf): Graph {
  return replaceNodes(graph, (node) => {
    const op = findOp(node);
    const known = node.inputs.map((name) => staticValueOf(graph, name));
    if (!op || node.inputs.some((name, i) => name !== "" && !known[i])) return undefined;
    const expansion = expansionOf(op, node, known);
    const inputs = node.inputs.map((name, i) =>
      name === "" ? undefined : { ...known[i] as StaticValue, name }
    );
    return expansion && ((builder) => refuseHuge(() => expansion({ inputs, ...builder })));
  });
}
