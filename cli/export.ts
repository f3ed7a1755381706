// halftone export: writes the deployable model from the float model and its encodings.
import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { ConfigError, ModelError, withinAsync } from "../src/error.ts";
import { type Marks, parseQuantInfo, type QuantInfo, requireGraph } from "../src/formats/quant_info.ts";
import type { Graph } from "../src/graph/graph.ts";
import type { Encodings, ExportForm, Written } from "../src/mod.ts";
import { bytesText, significant } from "../src/report/number.ts";
import type { Command } from "./command.ts";
import { graphDigest } from "./digest.ts";
import { library, type Model, openModel, withMachine } from "./open.ts";
import { type ModelFlags, modelOptions, option, type SharedFlags } from "./options.ts";
import { filesText, requireWritable, shellWord, type Written as File } from "./output.ts";
import type { Terminal } from "./terminal.ts";
import {
  type Verified,
  verified,
  verifiedNowhere,
  type VerifyFlags,
  type Verifying,
  verifyingBy,
  verifyOption,
} from "./verify.ts";

type Flags = SharedFlags & ModelFlags;

type Form = (typeof forms)[number];
const forms = ["qdq", "qoperator", "float16", "bfloat16"] as const;
const exportOption = option("Export");

export type ExportFlags = {
  readonly form?: Form;
  readonly weights?: "codes" | "qdq";
  readonly int4?: boolean;
};

export const exportOptions = [
  exportOption("--form <name>", "QuantizeLinear and DequantizeLinear, QLinear operators, or a float model")
    .choices(forms).default("qdq"),
  exportOption("--weights <form>", "codes, or qdq: float numbers with a QuantizeLinear of their own")
    .choices(["codes", "qdq"]).default("codes"),
  exportOption("--int4", "store codes of 4 bits two a byte (opset 21)"),
];

type ExportingFlags = Flags & ExportFlags & VerifyFlags;

export const exporting: Command<ExportingFlags> = {
  summary: "write the quantized ONNX model from the model and its quant_info.json",
  options: [...modelOptions, ...exportOptions, verifyOption],
  async run(flags, terminal) {
    await requireWritable(flags.output);
    const verifying = await verifyingBy(flags);
    const model = await openModel(flags.model);
    const { graph, suffix, form, evaluated } = await exportedGraph(flags, model);
    const { save } = await library();
    const file = await save(graph, join(flags.output, `${model.stem}_${suffix}.onnx`));
    const paths = `--model ${shellWord(flags.model)} --quantized ${shellWord(file.path)}`;
    const written = { file: file.path, graph: evaluated, form };
    const verify = await verifiedExport(verifying, model, written, flags, terminal);
    const compare = suffix === "int" ? `, or compare it: "halftone eval ${paths} --data PATH"` : "";
    return {
      json: {
        ...exportFields(model, file),
        form: flags.form ?? "qdq",
        ...(verify.json && { verify: verify.json }),
        ...(verify.warnings.length > 0 && { warnings: verify.warnings }),
        outputs: [file.path],
      },
      text: [verify.text, sizeText(model, file), filesText([file])].filter(Boolean).join("\n\n"),
      next: `Next: run it with ONNX Runtime${compare}`,
      failure: verify.failure,
    };
  },
};

type Exported = {
  readonly graph: Graph;
  readonly suffix: string;
  readonly form?: ExportForm;
  /** What halftone evaluates: the graph before its form is chosen, where the form changes no number. */
  readonly evaluated: Graph;
};

async function exportedGraph(flags: Flags & ExportFlags, model: Model): Promise<Exported> {
  const { form = "qdq", weights = "codes", int4 } = flags;
  if (form !== "qdq" && (weights !== "codes" || int4)) {
    throw new ConfigError(
      `Cannot export ${form} with --weights qdq or --int4: expected --form qdq for those`,
    );
  }
  if (weights === "qdq" && int4) {
    throw new ConfigError("Cannot store codes of 4 bits with --weights qdq: expected one of the two");
  }
  const { exportAs } = await library();
  if (form === "float16" || form === "bfloat16") {
    const graph = exportAs(form, model.graph);
    return { graph, suffix: form, form, evaluated: graph };
  }
  const graph = await quantizedFrom(flags.output, model);
  if (form === "qoperator") {
    return { graph: exportAs(form, graph), suffix: "qoperator", form, evaluated: graph };
  }
  const stored = weights === "qdq"
    ? exportAs("float-weights", graph)
    : int4
    ? exportAs("int4", graph)
    : graph;
  return { graph: stored, suffix: "int", evaluated: graph };
}

/** On one sample that is made up, because export has no data. */
async function verifiedExport(
  verifying: Verifying,
  model: Model,
  written: Written,
  flags: ExportingFlags,
  terminal: Terminal,
): Promise<Verified> {
  if (!verifying.runtime) return verifiedNowhere(verifying);
  const isFloat = written.form === "float16" || written.form === "bfloat16";
  const { encodings } = isFloat ? { encodings: new Map() } : await begunFrom(flags.output, model);
  const named = String(written.file);
  return withMachine(
    flags,
    terminal,
    (machine) => verified(verifying, { machine, model, written, named, encodings }, terminal),
  );
}

/** The quantized graph that the quant_info.json in `folder` describes. */
export async function quantizedFrom(folder: string, model: Model): Promise<Graph> {
  const { quantize } = await library();
  const { graph, encodings } = await begunFrom(folder, model);
  return withinAsync(join(folder, "quant_info.json"), async () => quantize(graph, encodings));
}

export type Begun = { readonly graph: Graph; readonly encodings: Encodings; readonly marks: Marks };

/** The float graph and the encodings that the quant_info.json in `folder` describes. */
export function begunFrom(folder: string, model: Model): Promise<Begun> {
  const path = join(folder, "quant_info.json");
  return withinAsync(path, async () => {
    const { encodings, calibratedModel, fastFinetuned, biasCorrected } = await readEncodings(path, model);
    const graph = calibratedModel ? await changedModel(folder, calibratedModel) : model.graph;
    return { graph, encodings, marks: { fastFinetuned, biasCorrected } };
  });
}

/** The float model that calib changed: equalized, smoothed or with corrected biases. */
async function changedModel(folder: string, file: string): Promise<Graph> {
  const { load } = await library();
  if (basename(file) !== file) {
    throw new ModelError(`Cannot read the calibrated model "${file}": expected a file of the same folder`);
  }
  return load(join(folder, file));
}

async function readEncodings(path: string, model: Model): Promise<QuantInfo> {
  const text = await readFile(path, "utf8").catch((cause) => {
    throw new ConfigError(
      `Cannot read the encodings: ${reason(cause)}; run calib first, or pass its --output`,
      { cause },
    );
  });
  const found = parseQuantInfo(text);
  requireGraph(found, graphDigest(model.graph));
  return found;
}

function reason(cause: NodeJS.ErrnoException): string {
  return cause.code === "ENOENT" ? "the file does not exist" : cause.message;
}

export async function writeQuantized(folder: string, model: Model, graph: Graph): Promise<File> {
  const { save } = await library();
  return save(graph, join(folder, `${model.stem}_int.onnx`));
}

export function exportFields(model: Model, file: File): Record<string, unknown> {
  return { float_bytes: model.bytes, quantized_bytes: file.bytes };
}

export function sizeText(model: Model, file: File): string {
  const times = significant(model.bytes / file.bytes, 3);
  return `${bytesText(model.bytes)} float, ${bytesText(file.bytes)} quantized: ${times} times smaller`;
}
