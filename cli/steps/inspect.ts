// Inspection before quantizing: the file that lists every node, a summary, and the same as JSON.
import type { Scheme } from "../../src/quantize/encoding.ts";
import type { InspectedNode, InspectedValue, Inspection } from "../../src/recipe/inspect.ts";
import { countText, percentText, significant } from "../../src/report/number.ts";
import type { Outcome } from "../command.ts";
import { library, type Model } from "../open.ts";
import type { ResolvedConfig } from "../options/configuration.ts";
import { filesText, writeText } from "../output.ts";
import { type Cell, table } from "../terminal/table.ts";

/** Inspects a model, writes inspect_TARGET.txt and returns the summary. */
export async function inspectModel(
  folder: string,
  model: Model,
  { options }: ResolvedConfig,
  target: string = options.preset,
): Promise<Outcome> {
  const { inspect } = await library();
  const inspection = { ...inspect(model.graph, options), file: model.file, targetName: target };
  const file = await writeText(folder, `inspect_${target}.txt`, `${inspectionText(inspection)}\n`);
  return {
    json: { ...inspectionJson(inspection), outputs: [file.path] },
    text: `${summaryText(inspection)}\n\n${filesText([file])}`,
  };
}

/** `targetName` is the target as the user named it, `file` the model's file. */
type NamedInspection = Inspection & { readonly targetName: string; readonly file: string };

const rule = "=".repeat(110);

const fields = [
  ["node", "its name in the model, or the name of its first output"],
  ["operator", "its ONNX type"],
  ["inputs", "shapes of its inputs at batch 1, weights included; ? if they depend on the data"],
  ["outputs", "shapes of its outputs"],
  ["MACs", "multiply-adds at batch 1"],
  ["device", "where it would run"],
  ["reason", "why it would run there"],
];

/** The text of inspect_TARGET.txt. */
export function inspectionText(found: NamedInspection): string {
  const { nodes, hints } = found;
  const right = (text: string): Cell => ({ right: text });
  const rows = nodes.map((node): Cell[] => [
    ...[node.name, node.type, shapesText(node.inputs), shapesText(node.outputs)],
    right(macsText(node)),
    ...[node.device, node.why],
  ]);
  const head: Cell[] = fields.map(([name]) => name === "MACs" ? right(name) : name);
  return [
    `# Where each node of ${found.file} would run on ${found.targetName}, before quantization. The nodes are those of`,
    "# the graph that would be quantized: constants and normalizations are folded.",
    table(fields.map(([name, text]) => [`#   ${name}`, text])),
    ...[rule, "Target", targetText(found), rule, "Summary", summaryText(found)],
    ...(hints.length ? [rule, "Hints", ...hints.map((hint) => `- ${hint}`)] : []),
    ...[rule, `Nodes of ${found.graph || "the graph"}`, table([head, ...rows])],
  ].join("\n");
}

const unchecked =
  "quantized as for any DPU; this DPU's own limits on kernels, strides and channels are not checked";

function targetText({ target, targetName }: NamedInspection): string {
  const { activations, weights, perChannel, bias, units } = target;
  const biases = bias === "sum"
    ? "int32, scale = input scale x weight scale"
    : bias === "float"
    ? "float"
    : schemeText(bias);
  return table([
    ["  name", targetName],
    ...(targetName === target.name ? [] : [["", unchecked]]),
    ["  activations", schemeText(activations)],
    ["  weights", `${schemeText(weights)}, one scale per ${perChannel ? "output channel" : "tensor"}`],
    ["  biases", biases],
    ["  devices", `${units.codes} for quantized nodes, ${units.floats} for the others`],
  ]);
}

function schemeText({ bits, signed, symmetric, powerOfTwo, datatype }: Scheme): string {
  if (datatype !== undefined && datatype !== "int") return datatype;
  const scale = powerOfTwo ? ", power-of-two scales" : "";
  return `${signed ? "int" : "uint"}${bits}, ${symmetric ? "symmetric" : "asymmetric"}${scale}`;
}

/** How many nodes and multiply-adds are on each device, and each node that stays in float. */
function summaryText(found: NamedInspection): string {
  const { nodes, target } = found;
  const float = nodes.filter(({ onCodes }) => !onCodes);
  const { codes } = target.units;
  const lines = [
    `${nodes.length - float.length} of ${countText(nodes.length, "node")} on ${codes}${workText(nodes)}`,
  ];
  if (float.length === 0) return lines[0];
  const rows = float.map(({ name, type, why }) => [`  ${name}`, type, why]);
  return `${lines[0]}\n${table([[`  On ${target.units.floats}`, "operator", "reason"], ...rows])}`;
}

function workText(nodes: readonly InspectedNode[]): string {
  const work = shareOfWork(nodes);
  if (work === undefined) return "";
  return `, with ${percentText(100 * work.share)} of ${significant(work.all / 1e6, 4)} million multiply-adds`;
}

/** Undefined if there are no multiply-adds or shapes are unknown. */
function shareOfWork(nodes: readonly InspectedNode[]): { all: number; share: number } | undefined {
  if (nodes.some(({ multiplyAdds }) => multiplyAdds === undefined)) return undefined;
  const sum = (some: readonly InspectedNode[]) => some.reduce((all, one) => all + one.multiplyAdds!, 0);
  const all = sum(nodes);
  return all > 0 ? { all, share: sum(nodes.filter(({ onCodes }) => onCodes)) / all } : undefined;
}

function macsText({ multiplyAdds }: InspectedNode): string {
  return multiplyAdds === undefined ? "?" : multiplyAdds === 0 ? "" : String(multiplyAdds);
}

function shapesText(values: readonly InspectedValue[]): string {
  return values.map(({ shape }) => shape ? `[${shape.join(",")}]` : "?").join(" ");
}

function inspectionJson(found: NamedInspection): Record<string, unknown> {
  const { nodes, hints, targetName, target } = found;
  const work = shareOfWork(nodes);
  return {
    target: targetName,
    preset: target.name,
    quantized_nodes: nodes.filter(({ onCodes }) => onCodes).length,
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
