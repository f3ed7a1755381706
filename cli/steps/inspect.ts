// Inspection before quantizing: the file that lists every node, a summary, and the same as JSON.
import type { Outcome } from "../command.ts";
import { library, type Model } from "../open.ts";
import type { ResolvedConfig } from "../options/configuration.ts";
import { filesText, writeText } from "../output.ts";
import {
  computingNodes,
  constraintTable,
  deviceTable,
  floatLine,
  shareOfWork,
  summaryLine,
} from "./inspection_summary.ts";
import { inspectionText, type NamedInspection } from "./inspection_text.ts";
import type { ImageFormat, VerboseLevel } from "../options/shared.ts";
import { writePicture } from "./picture.ts";

export type InspectSettings = {
  /** As the user named it; the default is the preset's name. */
  readonly target?: string;
  readonly level?: VerboseLevel;
  /** Draw a picture, too. */
  readonly image?: ImageFormat;
};

/** Inspects a model, writes inspect_TARGET.txt and the picture, and returns the summary. */
export async function inspectModel(
  folder: string,
  model: Model,
  { options }: ResolvedConfig,
  { target = options.preset, level = 1, image }: InspectSettings = {},
): Promise<Outcome> {
  const { inspect } = await library();
  const inspection = { ...inspect(model.graph, options), file: model.file, targetName: target };
  const stem = `inspect_${target}`;
  const file = await writeText(folder, `${stem}.txt`, `${inspectionText(inspection)}\n`);
  const picture = image && await writePicture(folder, stem, inspection, image);
  const files = [file, ...picture?.files ?? []];
  const nodes = [constraintTable, deviceTable][level - 1]?.(inspection, file.path);
  const summary = [summaryLine(inspection), nodes, floatLine(inspection)].filter(Boolean).join("\n");
  return {
    json: { ...inspectionJson(inspection), outputs: files.map(({ path }) => path) },
    text: level === 0 ? "" : `${summary}\n\n${filesText(files)}${picture?.note ? `\n${picture.note}` : ""}`,
  };
}

function inspectionJson(found: NamedInspection): Record<string, unknown> {
  const { nodes, hints, targetName, target } = found;
  const work = shareOfWork(nodes);
  return {
    target: targetName,
    preset: target.name,
    quantized_nodes: computingNodes(found).filter(({ onCodes }) => onCodes).length,
    ...(work && { multiply_adds: work.all, share_on_codes: work.share }),
    nodes: nodes.map(({ onCodes, multiplyAdds, inputNodes, outputNodes, ...node }) => ({
      ...node,
      input_nodes: inputNodes,
      output_nodes: outputNodes,
      on_codes: onCodes,
      ...(multiplyAdds === undefined ? {} : { multiply_adds: multiplyAdds }),
    })),
    hints,
  };
}
