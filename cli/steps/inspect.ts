// An inspection for people and for machines: a summary, and the file that has every node.
import type { InspectedNode, InspectedValue, Inspection } from "../../src/recipe/inspect_graph.ts";
import type { Scheme } from "../../src/quantize/encoding.ts";
import { counted, percentText, significant } from "../../src/report/number.ts";
import { type Cell, table } from "../terminal/table.ts";

/** `named` is the target as it was asked for, `file` the model's file. */
export type Inspected = Inspection & { readonly named: string; readonly file: string };

const rule = "=".repeat(110);

const fields = [
  ["node", "its name in the model, or that of its first output"],
  ["operator", "its ONNX type"],
  ["inputs", "shapes of what it reads, weights included, at batch 1; ? where they depend on the data"],
  ["outputs", "shapes of what it makes"],
  ["MACs", "multiply-adds at batch 1"],
  ["device", "what would compute it"],
  ["reason", "why there"],
];

/** The text of inspect_TARGET.txt. */
export function inspectionText(found: Inspected): string {
  const { nodes, hints } = found;
  const right = (text: string): Cell => ({ right: text });
  const rows = nodes.map((node): Cell[] => [
    ...[node.name, node.type, shapesText(node.inputs), shapesText(node.outputs)],
    right(macsText(node)),
    ...[node.device, node.why],
  ]);
  const head: Cell[] = fields.map(([name]) => name === "MACs" ? right(name) : name);
  return [
    `# What would compute each node of ${found.file} on ${found.named}, before quantization. The nodes are those that`,
    "# would be quantized: constants and normalizations are folded.",
    table(fields.map(([name, text]) => [`#   ${name}`, text])),
    ...[rule, "Target", targetText(found), rule, "Summary", summaryText(found)],
    ...(hints.length ? [rule, "Hints", ...hints.map((hint) => `- ${hint}`)] : []),
    ...[rule, `Nodes of ${found.graph || "the graph"}`, table([head, ...rows])],
  ].join("\n");
}

const unlooked = "codes as for every DPU; its own limits of kernels, strides and channels are not looked at";

function targetText({ target, named }: Inspected): string {
  const { activations, weights, perChannel, bias, units } = target;
  const biases = bias === "sum"
    ? "int32 in the unit of the sums"
    : bias === "float"
    ? "float"
    : schemeText(bias);
  return table([
    ["  name", named],
    ...(named === target.name ? [] : [["", unlooked]]),
    ["  activations", schemeText(activations)],
    ["  weights", `${schemeText(weights)}, one scale ${perChannel ? "an output channel" : "a tensor"}`],
    ["  biases", biases],
    ["  devices", `${units.codes} where there are codes, ${units.floats} elsewhere`],
  ]);
}

function schemeText({ bits, signed, symmetric, powerOfTwo, datatype }: Scheme): string {
  if (datatype !== undefined && datatype !== "int") return datatype;
  const scale = powerOfTwo ? ", scales are powers of two" : "";
  return `${signed ? "int" : "uint"}${bits}, ${symmetric ? "symmetric" : "any zero point"}${scale}`;
}

/** How many nodes and how much work is where, and each node that stays in float. */
export function summaryText(found: Inspected): string {
  const { nodes, target } = found;
  const float = nodes.filter(({ onCodes }) => !onCodes);
  const { codes } = target.units;
  const lines = [
    `${nodes.length - float.length} of ${counted(nodes.length, "node")} on ${codes}${workText(nodes)}`,
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

/** Undefined where there is no work or where shapes are unknown. */
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

export function inspectionJson(found: Inspected): Record<string, unknown> {
  const { nodes, hints, named, target } = found;
  const work = shareOfWork(nodes);
  return {
    target: named,
    preset: target.name,
    quantized_nodes: nodes.filter(({ onCodes }) => onCodes).length,
    ...(work && { multiply_adds: work.all, share_on_codes: work.share }),
    nodes: nodes.map(({ onCodes, multiplyAdds, ...node }) => ({
      ...node,
      on_codes: onCodes,
      ...(multiplyAdds === undefined ? {} : { multiply_adds: multiplyAdds }),
    })),
    hints,
  };
}
