// What calibration would do with a model, without data and without a device: the nodes of the graph that would be
// quantized, with their shapes, multiply-adds at batch 1 and what computes them.
import { consumers, producers } from "../graph/edit.ts";
import type { Graph, Name, Node } from "../graph/graph.ts";
import { findOp } from "../ops/table.ts";
import { staticShapes } from "../passes/static_shapes.ts";
import type { Points } from "../quantize/points.ts";
import type { Target } from "../quantize/target.ts";
import { elementCount, lengthAlong, type Shape } from "../tensor/shape.ts";
import { optionsFor, type QuantizeOptions, recipeOf } from "./options.ts";
import { proposePoints } from "./place_points.ts";

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

/**
 * Which node would run where, and why: shapes and multiply-adds at batch 1. Needs neither data nor a device, so what
 * `smooth`, `relu6: "safe"` and corrections of biases do is not looked at; they place no codes elsewhere.
 * @throws ConfigError for options that do not go together, and for exclusions that name nothing.
 *
 * ```ts
 * const { nodes } = inspect(model, { preset: "dpu" });
 * for (const { name, device, why } of nodes) console.log(name, device, why);
 * ```
 */
export function inspect(model: Graph, said: Partial<QuantizeOptions> = {}): Inspection {
  const recipe = recipeOf(optionsFor(said), model);
  const { graph, points } = proposePoints(model, recipe);
  const nodes = inspectNodes(graph, points, recipe.target);
  return { target: recipe.target, graph: graph.name, nodes, hints: hintsFor(graph, points, nodes) };
}

function inspectNodes(graph: Graph, points: Points, { units }: Target): InspectedNode[] {
  const shapes = staticShapes(graph);
  const reasons = new Map(points.float.map(({ name, why }) => [name, why]));
  const valueOf = (name: Name): InspectedValue => {
    const shape = graph.values.get(name)?.constant?.shape ?? shapes.get(name);
    return { name, ...(shape && { shape }) };
  };
  return graph.nodes.map((node): InspectedNode => {
    const name = node.name || node.outputs[0];
    const onCodes = points.quantized.has(node.outputs[0]);
    const multiplyAdds = multiplyAddsOf(node, (value) => valueOf(value).shape);
    return {
      name,
      type: node.opType,
      inputs: node.inputs.filter(Boolean).map(valueOf),
      outputs: node.outputs.filter(Boolean).map(valueOf),
      onCodes,
      device: onCodes ? units.codes : units.floats,
      why: onCodes ? whyOnCodes(node) : reasons.get(name) ?? "its operator stays float",
      ...(multiplyAdds === undefined ? {} : { multiplyAdds }),
    };
  });
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

function hintsFor(graph: Graph, points: Points, nodes: readonly InspectedNode[]): string[] {
  return [...islandHints(graph, points), ...workHints(nodes), ...shapeHints(graph, nodes)];
}

/** A float node that codes reach and codes leave: values change twice for it. */
function islandHints(graph: Graph, { quantized, encodedBy }: Points): string[] {
  const [readers, makers] = [consumers(graph), producers(graph)];
  const islands = graph.nodes.filter(({ inputs, outputs }) =>
    !quantized.has(outputs[0]) &&
    inputs.some((name) => encodedBy.has(name) && quantized.has(makers.get(name)?.outputs[0] ?? "")) &&
    outputs.some((name) => readers.get(name)?.some((reader) => quantized.has(reader.outputs[0])))
  );
  if (islands.length === 0) return [];
  const shown = islands.slice(0, 3).map(({ name, outputs, opType }) => `${opType} "${name || outputs[0]}"`);
  const more = islands.length > 3 ? ` and ${islands.length - 3} more` : "";
  return [
    `Codes become floats and codes again around ${
      shown.join(", ")
    }${more}: an operator that works on codes ` +
    "instead (Relu, HardSwish, an average pool) keeps the chain together",
  ];
}

function workHints(nodes: readonly InspectedNode[]): string[] {
  const [heaviest] = nodes.filter(({ onCodes, multiplyAdds = 0 }) => !onCodes && multiplyAdds > 0)
    .sort((a, b) => b.multiplyAdds! - a.multiplyAdds!);
  if (!heaviest) return [];
  return [`The most work in float is ${heaviest.type} "${heaviest.name}": ${heaviest.why}`];
}

function shapeHints(graph: Graph, nodes: readonly InspectedNode[]): string[] {
  if (nodes.every(({ outputs }) => outputs.every(({ shape }) => shape))) return [];
  const open = graph.inputs.find((name) => {
    const shape = graph.values.get(name)?.shape;
    return !shape || shape.slice(1).some((dim) => typeof dim !== "number");
  });
  if (open === undefined) return ["Shapes that depend on the data are unknown, and the work there is"];
  const shape = graph.values.get(open)?.shape;
  return [
    `Shapes and multiply-adds are unknown: input "${open}" is ${
      shape ? `[${shape.join(", ")}]` : "of any shape"
    }` +
    ", expected open dimensions in front only",
  ];
}
