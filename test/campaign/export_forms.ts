// The forms in which halftone exports a quantized model, or a float one.
import type { Graph } from "../../src/graph/graph.ts";
import { exportAs } from "../../src/mod.ts";

const forms = {
  qdq: (quantized: Graph) => quantized,
  qoperator: (quantized: Graph) => exportAs("qoperator", quantized),
  "float-weights": (quantized: Graph) => exportAs("float-weights", quantized),
  int4: (quantized: Graph) => exportAs("int4", quantized),
  float16: (float: Graph) => exportAs("float16", float),
  bfloat16: (float: Graph) => exportAs("bfloat16", float),
};

export type ExportForm = keyof typeof forms;
export const exportForms = Object.keys(forms) as ExportForm[];

/** Forms of the float model need no calibration. */
export function isFloatForm(form: ExportForm): form is "float16" | "bfloat16" {
  return form === "float16" || form === "bfloat16";
}

export function writeAs(form: ExportForm, graph: Graph): Graph {
  return forms[form](graph);
}
