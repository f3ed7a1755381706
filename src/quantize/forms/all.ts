// The forms in which a model is exported, one row each.
import type { Graph, Rewrite } from "../../graph/graph.ts";
import { rewrite } from "../../passes/rewrite.ts";
import { torchScriptBytes } from "../../torchscript/torchscript.ts";
import { encodeXmodel } from "../../xir/encode.ts";
import { fixGraph } from "../../xir/fix_graph.ts";
import { toXir } from "../../xir/to_xir.ts";
import { bfloat16Form, float16Form, lossesInFloat16 } from "./half.ts";
import { qoperatorForm } from "./qoperator.ts";
import { torchScriptForm } from "./torchscript.ts";
import { weightsAsBytes, weightsAsFloat, weightsAsNibbles } from "./weights.ts";

export type ExportFormRow = {
  readonly name: string;
  /** The graph that it is made from. */
  readonly of: "quantized" | "float";
  readonly make: Rewrite;
  /** For --form; absent: it is another form in detail, and --weights, --int4 or --torchscript-ops chooses it. */
  readonly help?: string;
  /** The suffix of the file's name; absent: the form's name. */
  readonly suffix?: string;
  /** --weights and --int4 choose how its weights are stored; absent: a byte per code. */
  readonly storesWeights?: true;
  /** What is lost of the graph's constants, a sentence each. */
  readonly losses?: (graph: Graph) => string[];
  /**
   * The SQNR against the float model, in dB, that verification requires. A runtime may also add in shorter floats,
   * while halftone adds in float32: every node adds noise of 2^−12 (float16) or 2^−9 (bfloat16), 72 and 54 dB under its
   * values, and what cancels out between two nodes makes that larger.
   */
  readonly enoughDb?: number;
  /** How the graph becomes a file that is not ONNX; absent: ONNX. */
  readonly file?: {
    /** With its dot. */
    readonly extension: string;
    readonly encode: (graph: Graph) => Uint8Array;
    /** `--deploy` writes it beside the ONNX file if the quantization allows it. */
    readonly deployed?: true;
  };
};

export const exportFormRows = [
  {
    name: "qdq",
    of: "quantized",
    make: (graph) => graph,
    help: "QuantizeLinear and DequantizeLinear",
    suffix: "int",
    storesWeights: true,
  },
  {
    name: "qoperator",
    of: "quantized",
    make: (graph) => qoperatorForm(weightsAsBytes(graph)),
    help: "QLinear operators",
  },
  { name: "float-weights", of: "quantized", make: (graph) => weightsAsFloat(weightsAsBytes(graph)) },
  { name: "int4", of: "quantized", make: weightsAsNibbles, suffix: "int", storesWeights: true },
  {
    name: "torchscript",
    of: "quantized",
    make: torchScriptForm,
    help: "a .pt file for torch.jit.load, without extensions",
    suffix: "int",
    file: { extension: ".pt", encode: (graph) => torchScriptBytes(graph), deployed: true },
  },
  {
    name: "torchscript-vai",
    of: "quantized",
    make: torchScriptForm,
    suffix: "int",
    file: { extension: ".pt", encode: (graph) => torchScriptBytes(graph, "vai") },
  },
  {
    name: "xmodel",
    of: "quantized",
    make: fixGraph,
    help: "an .xmodel file for the compilers of AMD's DPUs",
    suffix: "int",
    file: { extension: ".xmodel", encode: (graph) => encodeXmodel(toXir(graph)), deployed: true },
  },
  {
    name: "float16",
    of: "float",
    make: float16Form,
    help: "a float model of half precision",
    losses: lossesInFloat16,
    enoughDb: 40,
  },
  {
    name: "bfloat16",
    of: "float",
    make: bfloat16Form,
    help: "a float model with bfloat16 weights",
    enoughDb: 25,
  },
] as const satisfies readonly ExportFormRow[];

export type ExportForm = (typeof exportFormRows)[number]["name"];

export function exportFormRow(form: ExportForm): ExportFormRow {
  return exportFormRows.find(({ name }) => name === form)!;
}

/** The file's name without its folder, such as `resnet_int.onnx`. */
export function fileNameOf(form: ExportForm, stem: string): string {
  const { suffix = form, file } = exportFormRow(form);
  return `${stem}_${suffix}${file?.extension ?? ".onnx"}`;
}

/**
 * Another form of a graph: of a quantized one `qoperator` (QLinearConv and so on), `float-weights` (float weights, each
 * with its own QuantizeLinear) or `int4` (codes of 4 bits, two per byte); of a float one `float16` (inputs and outputs
 * stay float32) or `bfloat16` (weights only).
 *
 * ```ts
 * await save(exportAs("qoperator", quantized), "model_qoperator.onnx");
 * ```
 */
export function exportAs(form: ExportForm, graph: Graph): Graph {
  return rewrite(graph, { [form]: exportFormRow(form).make });
}

/**
 * What is lost of the graph's constants in this form, a sentence each.
 *
 * ```ts
 * for (const warning of exportWarnings("float16", model)) console.warn(warning);
 * ```
 */
export function exportWarnings(form: ExportForm, graph: Graph): string[] {
  return exportFormRow(form).losses?.(graph) ?? [];
}
