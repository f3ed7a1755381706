// Every way out of a graph, by name.
import type { Graph, Rewrite } from "../../graph/graph.ts";
import { rewrite } from "../../passes/rewrite.ts";
import { bfloat16Form, float16Form } from "./half.ts";
import { qoperatorForm } from "./qoperator.ts";
import { weightsAsFloat, weightsAsNibbles } from "./weights.ts";

const forms = {
  qoperator: qoperatorForm,
  "float-weights": weightsAsFloat,
  int4: weightsAsNibbles,
  float16: float16Form,
  bfloat16: bfloat16Form,
} satisfies Record<string, Rewrite>;

export type ExportForm = keyof typeof forms;

export function exportAs(form: ExportForm, graph: Graph): Graph {
  return rewrite(graph, { [form]: forms[form] });
}
