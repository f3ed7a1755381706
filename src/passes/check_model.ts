// The check of every loaded model: each node against ONNX's schema of its operator, with the model's functions
// inlined.
import type { Graph } from "../graph/graph.ts";
import { checkNodes } from "../ops/schema/check.ts";
import { inlineFunctions } from "./inline_functions.ts";

/**
 * The graph itself.
 * @throws ModelError naming the first node that has other inputs, outputs, attributes or element types than its schema.
 */
export function checkModel(graph: Graph): Graph {
  checkNodes(inlineFunctions(checkNodes(graph)));
  return graph;
}
