// The graph of a TorchScript file. Encodings that a DPU can compute with become its arithmetic (halves are rounded up,
// averages and slopes are the device's), so that the file computes what the device will; others stay as they are.
import type { Graph } from "../../graph/graph.ts";
import { torchForm } from "../../torchscript/torch_form.ts";
import { tryFixGraph } from "../../xir/fix_graph.ts";
import { weightsAsBytes } from "./weights.ts";

export function torchScriptForm(quantized: Graph): Graph {
  const graph = weightsAsBytes(quantized);
  const fixed = tryFixGraph(graph);
  return torchForm("graph" in fixed ? fixed.graph : graph);
}
