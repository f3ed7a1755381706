// halftone export: writes the deployable model from the float model and its encodings.
import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { ConfigError, ModelError, UnsupportedError, withinAsync } from "../../src/error.ts";
import {
  type Marks,
  parseQuantInfo,
  type QuantInfo,
  requireCalibrated,
  requireGraph,
} from "../../src/files/quant_info.ts";
import type { Graph } from "../../src/graph/graph.ts";
import type { Encodings, ExportForm, Written } from "../../src/mod.ts";
import { bytesText, significant } from "../../src/report/number.ts";
import type { Command } from "../command.ts";
import { graphDigest, modelDigest } from "../steps/digest.ts";
import { library, type Model, openModel, withMachine } from "../open.ts";
import { option } from "../options/option.ts";
import { type ModelFlags, modelOptions, type SharedFlags } from "../options/shared.ts";
import { filesText, requireWritable, shellWord, type Written as File } from "../output.ts";
import type { Terminal } from "../terminal/terminal.ts";
import {
  type Verified,
  verified,
  verifiedNowhere,
  type VerifyFlags,
  type Verifying,
  verifyingBy,
  verifyOption,
} from "../steps/verify.ts";

type Flags = SharedFlags & ModelFlags;

type Form = (typeof forms)[number];
const forms = ["qdq", "qoperator", "float16", "bfloat16"] as const;
const exportOption = option("Export");
const storages = ["packed", "codes", "qdq"] as const;
export type Weights = (typeof storages)[number];

export type ExportFlags = {
  readonly form?: Form;
  readonly weights?: Weights;
  readonly int4?: boolean;
};

export const weightsOption = exportOption(
  "--weights <form>",
  "packed: codes of 4 bits and fewer two a byte (opset 21); codes: a byte each; " +
    "qdq: float numbers with a QuantizeLinear of their own",
).choices(storages).default("packed");

export const exportOptions = [
  exportOption("--form <name>", "QuantizeLinear and DequantizeLinear, QLinear operators, or a float model")
    .choices(forms).default("qdq"),
  weightsOption,
  exportOption(
    "--int4",
    "store every weight whose codes fit 4 bits two a byte (opset 21), whatever its bits",
  ),
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
    const { exportWarnings, save } = await library();
    const rounded = suffix === "float16" ? exportWarnings("float16", model.graph) : [];
    const file = await save(graph, join(flags.output, `${model.stem}_${suffix}.onnx`));
    const written = { file: file.path, graph: evaluated, form };
    const verify = await verifiedExport(verifying, model, written, flags, terminal);
    const warnings = [...rounded, ...verify.warnings];
    const paths = `--model ${shellWord(flags.model)} --quantized ${shellWord(file.path)}`;
    const compare = suffix === "int" ? `, or compare it: "halftone eval ${paths} --data PATH"` : "";
    return {
      json: {
        ...exportFields(model, file),
        form: flags.form ?? "qdq",
        ...(verify.json && { verify: verify.json }),
        ...(warnings.length > 0 ? { warnings } : {}),
        outputs: [file.path],
      },
      text: [
        ...rounded.map((warning) => `Warning: ${warning}`),
        verify.text,
        sizeText(model, file),
        filesText([file]),
      ].filter(Boolean).join("\n\n"),
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
  const { form = "qdq", weights = "packed", int4 } = flags;
  if (form !== "qdq" && (weights === "qdq" || int4)) {
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
  if (form === "qoperator") {
    const evaluated = await quantizedFrom(flags.output, model, "codes");
    return { graph: exportAs(form, evaluated), suffix: "qoperator", form, evaluated };
  }
  const evaluated = await quantizedFrom(flags.output, model, weights);
  return { graph: int4 ? exportAs("int4", evaluated) : evaluated, suffix: "int", evaluated };
}

/** On one sample that is made up, because export has no data. */
export async function verifiedExport(
  verifying: Verifying,
  model: Model,
  written: Written,
  flags: SharedFlags & { readonly output: string },
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
export async function quantizedFrom(
  folder: string,
  model: Model,
  weights: Weights = "packed",
): Promise<Graph> {
  const { exportAs, quantize } = await library();
  const { graph, encodings } = await begunFrom(folder, model);
  return withinAsync(join(folder, "quant_info.json"), async () => {
    if (weights === "packed") return storable(() => quantize(graph, encodings));
    const quantized = quantize(graph, encodings, "bytes");
    return weights === "qdq" ? exportAs("float-weights", quantized) : quantized;
  });
}

/** Packed weights need opset 21, which not every model can be raised to. */
function storable(quantized: () => Graph): Graph {
  try {
    return quantized();
  } catch (cause) {
    if (!(cause instanceof UnsupportedError) || !/opset/.test(cause.message)) throw cause;
    const { message, where } = cause;
    throw new UnsupportedError(`${message}; store a byte per code instead: pass --weights codes`, {
      cause,
      where,
    });
  }
}

export type Begun = { readonly graph: Graph; readonly encodings: Encodings; readonly marks: Marks };

/** The float graph and the encodings that the quant_info.json in `folder` describes. */
export function begunFrom(folder: string, model: Model): Promise<Begun> {
  const path = join(folder, "quant_info.json");
  return withinAsync(path, async () => {
    const { encodings, ...marks } = await readEncodings(path, model);
    const graph = marks.calibratedModel
      ? await changedModel(folder, marks.calibratedModel, marks)
      : model.graph;
    return { graph, encodings, marks };
  });
}

/** The float model that calib changed: equalized, smoothed or with corrected biases. */
async function changedModel(folder: string, file: string, marks: Marks): Promise<Graph> {
  const { load } = await library();
  if (basename(file) !== file) {
    throw new ModelError(`Cannot read the calibrated model "${file}": expected a file of the same folder`);
  }
  const path = join(folder, file);
  const graph = await load(path);
  requireCalibrated(marks, await modelDigest(path, graph));
  return graph;
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
