// What to do about the result of an inspection.
import { consumers, producers } from "../graph/edit.ts";
import type { Graph } from "../graph/graph.ts";
import type { Points } from "../quantize/points.ts";
import type { InspectedNode } from "./inspected.ts";

/** One sentence each. */
export function hintsFor(graph: Graph, points: Points, nodes: readonly InspectedNode[]): string[] {
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
    ", expected open dimensions in front only; --shapes gives it sizes",
  ];
}
