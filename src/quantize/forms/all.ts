// Every way out of a graph, by name.
import type { Graph, Rewrite } from "../../graph/graph.ts";
import { rewrite } from "../../passes/rewrite.ts";
import { bfloat16Form, float16Form, lossesInFloat16 } from "./half.ts";
import { qoperatorForm } from "./qoperator.ts";
import { weightsAsBytes, weightsAsFloat, weightsAsNibbles } from "./weights.ts";

const forms = {
  qoperator: (graph) => qoperatorForm(weightsAsBytes(graph)),
  "float-weights": (graph) => weightsAsFloat(weightsAsBytes(graph)),
  int4: weightsAsNibbles,
  float16: float16Form,
  bfloat16: bfloat16Form,
} satisfies Record<string, Rewrite>;

export type ExportForm = keyof typeof forms;

/**
 * Another form of a graph: of a quantized one `qoperator` (QLinearConv and so on), `float-weights` (weights as float
 * numbers with a QuantizeLinear of their own) or `int4` (codes of 4 bits, two a byte); of a float one `float16` (inputs
 * and outputs stay float32) or `bfloat16` (weights only).
 *
 * ```ts
 * await save(exportAs("qoperator", quantized), "model_qoperator.onnx");
 * ```
 */
export function exportAs(form: ExportForm, graph: Graph): Graph {
  return rewrite(graph, { [form]: forms[form] });
}

/**
 * What a form cannot hold of the graph's constants, in words; nothing where it holds all of them.
 *
 * ```ts
 * for (const warning of exportWarnings("float16", model)) console.warn(warning);
 * ```
 */
export function exportWarnings(form: ExportForm, graph: Graph): string[] {
  return form === "float16" ? lossesInFloat16(graph) : [];
}
