// The text of inspect_TARGET.txt: blocks and fields in the order of the file that Vitis AI writes.
import { channelLoops, leakySlope, type Limits, type WindowLimits } from "../../src/dpu/limits/limits.ts";
import type { Scheme } from "../../src/quantize/encoding.ts";
import type { InspectedAttribute, InspectedNode, Inspection } from "../../src/recipe/inspected.ts";
import { oneLine, table } from "../terminal/table.ts";
import { constraintTable, floatLine, summaryLine } from "./inspection_summary.ts";

/** `targetName` is the target as the user named it, `file` the model's file. */
export type NamedInspection = Inspection & { readonly targetName: string; readonly file: string };

const separator = "=".repeat(160);

export function inspectionText(found: NamedInspection): string {
  const { nodes, hints, graph } = found;
  return [
    headerText(found),
    block("target info:", targetText(found)),
    block(
      "inspection summary:",
      [summaryLine(found), constraintTable(found), ...floatLines(found)].join("\n"),
    ),
    ...(hints.length ? [block("hints:", hints.map((hint) => `- ${hint}`).join("\n"))] : []),
    `${separator}\ngraph name: ${oneLine(graph || "graph")}`,
    ...nodes.map((node) => `${separator}\n${nodeText(node, found)}`),
  ].join("\n");
}

function floatLines(found: Inspection): string[] {
  const line = floatLine(found);
  return line === undefined ? [] : [line];
}

function block(title: string, text: string): string {
  return `${separator}\n${title}\n${separator}\n${text}`;
}

const fields: readonly (readonly [name: string, meaning: string])[] = [
  ["target info", "the target and its limits"],
  [
    "inspection summary",
    "how many nodes run where, and every node that does not run on the target's own unit",
  ],
  ["graph name", "the name of the graph in the model"],
  ["node name", "the name of the node in the model, or of its first output"],
  ["input nodes", "the nodes whose results it reads"],
  ["output nodes", "the nodes that read its result"],
  ["op type", "its operator"],
  ["output shape", "the shape of its result at batch 1; ? if it depends on the data"],
  ["op attributes", "the attributes of the operator"],
  ["multiply-adds", "how many it computes at batch 1"],
  ["assigned device", "where it runs"],
  [
    "hardware constraints",
    "what keeps it from the target's own unit, with the number found and those allowed",
  ],
  ["what to change", "how the model can be changed so that it runs there"],
  ["node messages", "what else there is to know, such as a permutation that conversion to NHWC inserts"],
];

const dpuHints = `\
# Hints:
# ONNX stores feature maps as NCHW, XIR as NHWC. Where a node needs the order of NCHW, a permute is inserted, and its node
# message says so. A permute runs on the CPU and may split the part of the model that the DPU runs. Some can be avoided
# by a permute in the float model, some cannot:
# Example 1: values stay in the same order
#   ONNX: conv [1, 64, 1, 1] -> reshape [1, 64]
#   XIR:  conv [1, 1, 1, 64] -> permute(0, 3, 1, 2) [1, 64, 1, 1] -> reshape [1, 64]
#   with a permute in the model,
#   ONNX: conv [1, 64, 1, 1] -> permute(0, 2, 3, 1) [1, 1, 1, 64] -> reshape [1, 64]
#   XIR:  conv [1, 1, 1, 64] -> reshape [1, 64]
# Example 2: values change their order, so that the weights behind the reshape must change, too
#   ONNX: conv [1, 3, 4, 4] -> reshape [1, 48]
#   XIR:  conv [1, 4, 4, 3] -> permute(0, 3, 1, 2) [1, 3, 4, 4] -> reshape [1, 48]
#   with a permute in the model,
#   ONNX: conv [1, 3, 4, 4] -> permute(0, 2, 3, 1) [1, 4, 4, 3] -> reshape [1, 48]
#   XIR:  conv [1, 4, 4, 3] -> reshape [1, 48]`;

function headerText({ file, targetName, dpu }: NamedInspection): string {
  const terms = dpu
    ? "Operators, attributes and shapes are those of XIR, which the compilers for AMD's DPUs read: feature maps are NHWC."
    : "The nodes are those of the graph that would be quantized: constants and normalizations are folded.";
  return [
    `# Where each node of ${oneLine(file)} would run on ${targetName}, before quantization.`,
    `# ${terms}`,
    "# Field Description:",
    ...fields.map(([name, meaning]) => `# ${name}: ${meaning}.`),
    ...(dpu ? ["", dpuHints] : []),
    "",
  ].join("\n");
}

function targetText(found: NamedInspection): string {
  const { target, dpu } = found;
  const { activations, weights, perChannel, bias, units } = target;
  const biases = bias === "sum"
    ? "int32, scale = input scale x weight scale"
    : bias === "float"
    ? "float"
    : schemeText(bias);
  return table([
    ["name:", found.targetName],
    ...(dpu ? limitRows(dpu) : []),
    ["activations:", schemeText(activations)],
    ["weights:", `${schemeText(weights)}, one scale per ${perChannel ? "output channel" : "tensor"}`],
    ["biases:", biases],
    ["devices:", `${units.codes} for quantized nodes, ${units.floats} for the others`],
  ]);
}

function limitRows(dpu: Limits): string[][] {
  const { conv, depthwise, maxPool, averagePool, banks } = dpu;
  const window = (one: WindowLimits | undefined) =>
    one ? `kernel ${one.kernel}, stride ${one.stride}` : "none";
  return [
    ["type:", dpu.type],
    ["isa_version:", String(dpu.isa)],
    ["fingerprint:", `0x${dpu.fingerprint.toString(16).padStart(16, "0")}`],
    ...(dpu.batch ? [["batch:", String(dpu.batch)]] : []),
    ...Object.entries(banks).map(([name, { count, width, depth }]) => [
      `bank ${name}:`,
      `${count} x ${width} x ${depth} (number, width, depth)`,
    ]),
    [
      "conv:",
      `${window(conv)}, up to ${
        channelLoops * conv.input
      } input channels, ${conv.input} x ${conv.output} at once, ` +
      `weights in ${conv.weights}, fuses ${conv.activations.join(", ")}`,
    ],
    [
      "depthwise conv:",
      depthwise ? `${window(depthwise)}, up to ${channelLoops * depthwise.channels} channels` : "none",
    ],
    ["maxpool:", window(maxPool)],
    ["avgpool:", window(averagePool)],
    ["eltwise:", dpu.eltwise.join(", ")],
    ["hard-sigmoid:", dpu.hardSigmoid ? "yes" : "no"],
    ["slope of leaky-relu:", String(leakySlope)],
  ];
}

function schemeText({ bits, signed, symmetric, powerOfTwo, datatype }: Scheme): string {
  if (datatype !== undefined && datatype !== "int") return datatype;
  const scale = powerOfTwo ? ", power-of-two scales" : "";
  return `${signed ? "int" : "uint"}${bits}, ${symmetric ? "symmetric" : "asymmetric"}${scale}`;
}

function nodeText(node: InspectedNode, { dpu }: Inspection): string {
  const { name, type, inputNodes, outputNodes, shape, attributes, multiplyAdds } = node;
  const { why, constraint, change } = node;
  const line = (field: string, text: string) => `${field}: ${oneLine(text)}`;
  // The reasons of other targets say why a node runs on codes, too; a DPU runs what no limit forbids.
  const reason = dpu ? [] : [line("reason", why)];
  return [
    line("node name", name),
    line("input nodes", `[${inputNodes.join(", ")}]`),
    line("output nodes", `[${outputNodes.join(", ")}]`),
    line("op type", type),
    line("output shape", shape ? `[${shape.join(", ")}]` : "?"),
    "op attributes:",
    ...Object.entries(attributes).map(([key, value]) =>
      `  ${oneLine(key)}: ${oneLine(attributeText(value))}`
    ),
    ...(multiplyAdds ? [line("multiply-adds", String(multiplyAdds))] : []),
    line("assigned device", dpu ? node.device.toLowerCase() : node.device),
    ...(constraint === undefined ? reason : [line("hardware constraints", constraint)]),
    ...(change === undefined ? [] : [line("what to change", change)]),
    ...(node.messages.length ? ["node messages:", ...node.messages.map((one) => `  ${oneLine(one)}`)] : []),
  ].join("\n");
}

function attributeText(value: InspectedAttribute): string {
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  return Array.isArray(value) ? `[${value.join(", ")}]` : String(value);
}
