// The ways out of halftone: what each makes of a quantized model, or of a float one.
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

export type Way = keyof typeof forms;
export const ways = Object.keys(forms) as Way[];

/** Forms of the float model need no calibration. */
export function isFloatForm(way: Way): way is "float16" | "bfloat16" {
  return way === "float16" || way === "bfloat16";
}

export function written(way: Way, graph: Graph): Graph {
  return forms[way](graph);
}
