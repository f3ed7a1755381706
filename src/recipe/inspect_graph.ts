// What would run where, and why, before anything is quantized: the nodes of a float graph with their shapes, their
// multiply-adds at batch 1 and what computes them.
import type { Graph, Name, Node } from "../graph/graph.ts";
import { findOp } from "../ops/table.ts";
import type { Points } from "../quantize/points.ts";
import type { Target } from "../quantize/target.ts";
import { elementCount, lengthAlong, type Shape } from "../tensor/shape.ts";
import { hintsFor } from "./inspect_hints.ts";

/** Its shape is absent where it depends on the data. */
export type InspectedValue = { readonly name: string; readonly shape?: Shape };

export type InspectedNode = {
  readonly name: string;
  readonly type: string;
  readonly inputs: readonly InspectedValue[];
  readonly outputs: readonly InspectedValue[];
  readonly onCodes: boolean;
  /** What computes it, in the target's words. */
  readonly device: string;
  readonly why: string;
  /** At batch 1; absent where shapes are unknown. */
  readonly multiplyAdds?: number;
};

export type Inspection = {
  readonly target: Target;
  readonly graph: string;
  readonly nodes: readonly InspectedNode[];
  readonly hints: readonly string[];
};

/** `graph` is the graph that would be quantized, its constants folded; `shapes` those of its values. */
export function inspectGraph(
  graph: Graph,
  points: Points,
  target: Target,
  shapes: ReadonlyMap<Name, Shape>,
): Inspection {
  const reasons = new Map(points.float.map(({ name, why }) => [name, why]));
  const valueOf = (name: Name): InspectedValue => {
    const shape = graph.values.get(name)?.constant?.shape ?? shapes.get(name);
    return { name, ...(shape && { shape }) };
  };
  const nodes = graph.nodes.map((node): InspectedNode => {
    const name = node.name || node.outputs[0];
    const onCodes = points.quantized.has(node.outputs[0]);
    const multiplyAdds = multiplyAddsOf(node, (value) => valueOf(value).shape);
    return {
      name,
      type: node.opType,
      inputs: node.inputs.filter(Boolean).map(valueOf),
      outputs: node.outputs.filter(Boolean).map(valueOf),
      onCodes,
      device: onCodes ? target.units.codes : target.units.floats,
      why: onCodes ? whyOnCodes(node) : reasons.get(name) ?? "its operator stays float",
      ...(multiplyAdds === undefined ? {} : { multiplyAdds }),
    };
  });
  return { target, graph: graph.name, nodes, hints: hintsFor(graph, points, nodes) };
}

function whyOnCodes(node: Node): string {
  switch (findOp(node)?.role.kind) {
    case "computes":
      return "it multiplies codes by constant weights";
    case "carries":
      return "it moves codes without changing them";
    case "joins":
      return "it computes on codes, and codes are read of it";
    default:
      return "it belongs to what produces its input";
  }
}

/** Of layers that multiply by a weight, constant or not; 0 for other operators. */
function multiplyAddsOf(node: Node, shapeOf: (name: Name) => Shape | undefined): number | undefined {
  const role = findOp(node)?.role;
  if (role?.kind !== "computes" || !role.inputAxis) return 0;
  const [x, w, y] = [node.inputs[0], node.inputs[role.weight], node.outputs[0]].map(shapeOf);
  if (!x || !w || !y) return undefined;
  const [outputAxis, inputAxis] = [role.axis(node, w.length), role.inputAxis(node, w.length)];
  // What comes behind both axes is the window; what comes before them counts equal products.
  const window = outputAxis === undefined ? 1 : elementCount(w.slice(Math.max(outputAxis, inputAxis) + 1));
  if (role.grouped === "outputs") return elementCount(x) * lengthAlong(w, outputAxis) * window;
  return elementCount(y) * w[inputAxis] * window;
}
