// What calibration would do with a model, without data and without a device: the nodes of the graph that would be
// quantized, with their shapes, multiply-adds at batch 1 and what computes them.
import { dpuPreset } from "../dpu/names.ts";
import { consumers, producers } from "../graph/edit.ts";
import type { Attribute, Graph, Name, Node } from "../graph/graph.ts";
import { findOp } from "../ops/table.ts";
import { staticShapes } from "../passes/static_shapes.ts";
import type { Points } from "../quantize/points.ts";
import type { Target } from "../quantize/target.ts";
import { elementCount, lengthAlong, type Shape } from "../tensor/shape.ts";
import type {
  InspectedAttribute,
  InspectedGraph,
  InspectedNode,
  InspectedValue,
  Inspection,
} from "./inspected.ts";
import { inspectOnDpu } from "./inspect_dpu.ts";
import { hintsFor } from "./inspection_hints.ts";
import { optionsFor, type QuantizeOptions, recipeOf } from "./options.ts";
import { proposePoints, reasonsOfRecipe } from "./place_points.ts";

export type { InspectedNode, Inspection } from "./inspected.ts";

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
  const options = optionsFor(given);
  const recipe = recipeOf(options, model);
  const { graph, points } = proposePoints(model, recipe);
  const { target, dpu } = recipe;
  const shapes = staticShapes(graph);
  const { nodes, makers } = dpu
    ? inspectOnDpu({
      graph,
      points,
      target,
      limits: dpu,
      reasonOf: reasonsOfRecipe(graph, recipe),
      workOf: (node) => multiplyAddsOf(node, (value) => shapeOf(graph, shapes, value)),
    })
    : inspectNodes(graph, points, target, shapes);
  const valueOf = (name: Name): InspectedValue => ({ name, shape: shapeOf(graph, shapes, name) });
  const unnamed = !dpu && options.preset === dpuPreset ? [unnamedHint] : [];
  const hints = [...unnamed, ...hintsFor(graph, points, nodes)];
  return {
    ...{ target, ...(dpu && { dpu }), graph: graph.name, nodes },
    inputs: graph.inputs.map(valueOf),
    outputs: graph.outputs.map((name, i) => ({ ...valueOf(name), maker: makers[i] })),
    hints,
  };
}

const unnamedHint = "No DPU is named, so the limits of its kernels, channels and memories are not checked: " +
  "name one, such as --target DPUCZDX8G_ISA1_B4096";

type Shapes = ReadonlyMap<Name, Shape>;

function inspectNodes(graph: Graph, points: Points, { units }: Target, shapes: Shapes): InspectedGraph {
  const reasons = new Map(points.float.map(({ name, why }) => [name, why]));
  const valueOf = (name: Name): InspectedValue => {
    const shape = shapeOf(graph, shapes, name);
    return { name, ...(shape && { shape }) };
  };
  const edges = edgesOf(graph);
  const nodes = graph.nodes.map((node): InspectedNode => {
    const name = edges.nameOf(node);
    const onCodes = points.quantized.has(node.outputs[0]);
    const multiplyAdds = multiplyAddsOf(node, (value) => shapeOf(graph, shapes, value));
    const outputs = node.outputs.filter(Boolean).map(valueOf);
    const [{ shape }] = outputs;
    const constraint = onCodes
      ? undefined
      : reasons.get(node.name || node.outputs[0]) ?? "its operator stays float";
    return {
      name,
      type: node.opType,
      inputs: node.inputs.filter(Boolean).map(valueOf),
      outputs,
      inputNodes: edges.before(node),
      outputNodes: edges.after(node),
      ...(shape && { shape }),
      attributes: attributesOf(node),
      onCodes,
      device: onCodes ? units.codes : units.floats,
      why: constraint ?? whyOnCodes(node),
      ...(constraint !== undefined && { constraint }),
      messages: [],
      ...(multiplyAdds === undefined ? {} : { multiplyAdds }),
    };
  });
  return { nodes, makers: graph.outputs.map(edges.makerOf) };
}

function shapeOf(graph: Graph, shapes: Shapes, name: Name): Shape | undefined {
  return graph.values.get(name)?.constant?.shape ?? shapes.get(name);
}

/** Those that can be shown: no tensors and no graphs. */
function attributesOf({ attributes }: Node): Record<string, InspectedAttribute> {
  return Object.fromEntries([...attributes].flatMap(([name, attribute]) => {
    const shown = attributeOf(attribute);
    return shown === undefined ? [] : [[name, shown]];
  }));
}

function attributeOf(attribute: Attribute): InspectedAttribute | undefined {
  switch (attribute.type) {
    case "int":
      return Number(attribute.value);
    case "ints":
      return attribute.value.map(Number);
    case "float":
    case "floats":
    case "string":
    case "strings":
      return attribute.value;
    default:
      return undefined;
  }
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
    makerOf: (name: Name) => makers.has(name) ? nameOf(makers.get(name)!) : undefined,
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
