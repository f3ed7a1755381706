// halftone export: writes the deployable model from the float model and its encodings.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { ConfigError, withinAsync } from "../src/error.ts";
import { parseQuantInfo, type QuantInfo, requireGraph } from "../src/formats/quant_info.ts";
import type { Graph } from "../src/graph/graph.ts";
import { bytesText, significant } from "../src/report/number.ts";
import type { Command } from "./command.ts";
import { graphDigest } from "./digest.ts";
import { finetunedFile, library, type Model, openModel } from "./open.ts";
import { type ModelFlags, modelOptions, type SharedFlags } from "./options.ts";
import { filesText, requireWritable, shellWord, type Written } from "./output.ts";

type Flags = SharedFlags & ModelFlags;

export const exporting: Command<Flags> = {
  summary: "write the quantized ONNX model from the model and its quant_info.json",
  options: modelOptions,
  async run(flags) {
    await requireWritable(flags.output);
    const model = await openModel(flags.model);
    const file = await writeQuantized(flags.output, model, await quantizedFrom(flags.output, model));
    const paths = `--model ${shellWord(flags.model)} --quantized ${shellWord(file.path)}`;
    return {
      json: { ...exportFields(model, file), outputs: [file.path] },
      text: `${sizeText(model, file)}\n\n${filesText([file])}`,
      next: `Next: run it with ONNX Runtime, or compare it: "halftone eval ${paths} --data PATH"`,
    };
  },
};

/** The quantized graph that the quant_info.json in `folder` describes. */
export async function quantizedFrom(folder: string, model: Model): Promise<Graph> {
  const { load, quantize } = await library();
  const path = join(folder, "quant_info.json");
  return withinAsync(path, async () => {
    const { encodings, fastFinetuned } = await readEncodings(path, model);
    const float = fastFinetuned ? await load(join(folder, finetunedFile(model))) : model.graph;
    return quantize(float, encodings);
  });
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

export async function writeQuantized(folder: string, model: Model, graph: Graph): Promise<Written> {
  const { save } = await library();
  return save(graph, join(folder, `${model.stem}_int.onnx`));
}

export function exportFields(model: Model, file: Written): Record<string, unknown> {
  return { float_bytes: model.bytes, quantized_bytes: file.bytes };
}

export function sizeText(model: Model, file: Written): string {
  const times = significant(model.bytes / file.bytes, 3);
  return `${bytesText(model.bytes)} float, ${bytesText(file.bytes)} quantized: ${times} times smaller`;
}
