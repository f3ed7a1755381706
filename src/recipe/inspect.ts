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

/** The shape is absent if it depends on the data. */
export type InspectedValue = { readonly name: string; readonly shape?: Shape };

export type InspectedNode = {
  /** Unique in the inspection. */
  readonly name: string;
  readonly type: string;
  readonly inputs: readonly InspectedValue[];
  readonly outputs: readonly InspectedValue[];
  /** The nodes that make its inputs and that read its outputs, by name. */
  readonly inputNodes: readonly string[];
  readonly outputNodes: readonly string[];
  /** Of its first output. */
  readonly shape?: Shape;
  readonly onCodes: boolean;
  /** The unit that runs it, as the target calls it. */
  readonly device: string;
  /** Why it runs there: for a node off the target's unit for codes, what keeps it from that. */
  readonly why: string;
  /** At batch 1; absent if shapes are unknown. */
  readonly multiplyAdds?: number;
};

export type Inspection = {
  readonly target: Target;
  readonly graph: string;
  readonly nodes: readonly InspectedNode[];
  readonly hints: readonly string[];
};

/**
 * Which unit would run each node, and why; shapes and multiply-adds at batch 1. Needs neither data nor a device, so
 * `smooth`, `relu6: "safe"` and bias correction are not applied; they do not change which nodes are quantized.
 * @throws ConfigError for options that contradict each other, and for exclusions that match nothing.
 *
 * ```ts
 * const { nodes } = inspect(model, { preset: "dpu" });
 * for (const { name, device, why } of nodes) console.log(name, device, why);
 * ```
 */
export function inspect(model: Graph, given: Partial<QuantizeOptions> = {}): Inspection {
  const recipe = recipeOf(optionsFor(given), model);
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
  const edges = edgesOf(graph);
  return graph.nodes.map((node): InspectedNode => {
    const name = edges.nameOf(node);
    const onCodes = points.quantized.has(node.outputs[0]);
    const multiplyAdds = multiplyAddsOf(node, (value) => valueOf(value).shape);
    const outputs = node.outputs.filter(Boolean).map(valueOf);
    const [{ shape }] = outputs;
    return {
      name,
      type: node.opType,
      inputs: node.inputs.filter(Boolean).map(valueOf),
      outputs,
      inputNodes: edges.before(node),
      outputNodes: edges.after(node),
      ...(shape && { shape }),
      onCodes,
      device: onCodes ? units.codes : units.floats,
      why: onCodes
        ? whyOnCodes(node)
        : reasons.get(node.name || node.outputs[0]) ?? "its operator stays float",
      ...(multiplyAdds === undefined ? {} : { multiplyAdds }),
    };
  });
}

/** Unique names of nodes, and the names of those before and after each. */
function edgesOf(graph: Graph) {
  const [readers, makers] = [consumers(graph), producers(graph)];
  const taken = new Set<string>();
  const names = new Map(graph.nodes.map((node, i) => {
    const [first] = node.outputs;
    const name = [node.name, first, `${first} ${i}`].find((one) => one && !taken.has(one))!;
    taken.add(name);
    return [first, name];
  }));
  const nameOf = (node: Node) => names.get(node.outputs[0])!;
  const namesOf = (nodes: readonly (Node | undefined)[]) => [
    ...new Set(nodes.flatMap((node) => node ? [nameOf(node)] : [])),
  ];
  return {
    nameOf,
    before: ({ inputs }: Node) => namesOf(inputs.map((name) => makers.get(name))),
    after: ({ outputs }: Node) => namesOf(outputs.flatMap((name) => readers.get(name) ?? [])),
  };
}

function whyOnCodes(node: Node): string {
  switch (findOp(node)?.role.kind) {
    case "computes":
      return "it multiplies codes by constant weights";
    case "carries":
      return "it moves codes unchanged";
    case "joins":
      return "it computes on codes, and its result is read as codes";
    default:
      return "it is part of the node that produces its input";
  }
}

/** For layers with weights, constant or not; 0 for other operators. */
function multiplyAddsOf(node: Node, shapeOf: (name: Name) => Shape | undefined): number | undefined {
  const role = findOp(node)?.role;
  if (role?.kind !== "computes" || !role.inputAxis) return 0;
  const [x, w, y] = [node.inputs[0], node.inputs[role.weight], node.outputs[0]].map(shapeOf);
  if (!x || !w || !y) return undefined;
  const [outputAxis, inputAxis] = [role.axis(node, w.length), role.inputAxis(node, w.length)];
  // The axes after both channel axes are the window.
  const window = outputAxis === undefined ? 1 : elementCount(w.slice(Math.max(outputAxis, inputAxis) + 1));
  if (role.groupAxis === "outputs") return elementCount(x) * lengthAlong(w, outputAxis) * window;
  return elementCount(y) * w[inputAxis] * window;
}

function hintsFor(graph: Graph, points: Points, nodes: readonly InspectedNode[]): string[] {
  return [...islandHints(graph, points), ...workHints(nodes), ...shapeHints(graph, nodes)];
}

/** Float nodes between quantized ones: their values are dequantized and quantized again. */
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
    `Codes are dequantized and quantized again around ${
      shown.join(", ")
    }${more}: an operator that runs on codes ` +
    "instead (Relu, HardSwish, an average pool) avoids that",
  ];
}

function workHints(nodes: readonly InspectedNode[]): string[] {
  const [heaviest] = nodes.filter(({ onCodes, multiplyAdds = 0 }) => !onCodes && multiplyAdds > 0)
    .sort((a, b) => b.multiplyAdds! - a.multiplyAdds!);
  if (!heaviest) return [];
  return [`The float node with most work is ${heaviest.type} "${heaviest.name}": ${heaviest.why}`];
}

function shapeHints(graph: Graph, nodes: readonly InspectedNode[]): string[] {
  if (nodes.every(({ outputs }) => outputs.every(({ shape }) => shape))) return [];
  const open = graph.inputs.find((name) => {
    const shape = graph.values.get(name)?.shape;
    return !shape || shape.slice(1).some((dim) => typeof dim !== "number");
  });
  if (open === undefined) {
    return ["Shapes that depend on the data are unknown, and so is the work of their nodes"];
  }
  const shape = graph.values.get(open)?.shape;
  return [
    `Shapes and multiply-adds are unknown: input "${open}" is ${
      shape ? `[${shape.join(", ")}]` : "of any shape"
    }` +
    ", expected open dimensions in front only",
  ];
}
