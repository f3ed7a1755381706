// Computes the goldens of inspections: a digest of the networks in the documents of Vitis AI on three DPUs, and the
// whole text of a small one.
import { inceptionV3 } from "../../bench/networks/inception_v3.ts";
import { resnet18, resnet50 } from "../../bench/networks/resnet.ts";
import { constraintTable, summaryLine } from "../../cli/steps/inspection_summary.ts";
import { inspectionText } from "../../cli/steps/inspection_text.ts";
import { pictureOf } from "../../cli/steps/picture.ts";
import { floatAttribute, intsAttribute, textAttribute } from "../../src/graph/attribute.ts";
import type { Graph } from "../../src/graph/graph.ts";
import { inspect, type Inspection } from "../../src/mod.ts";
import { dotOf } from "../../src/report/graph_picture.ts";
import { drawGraph, svgOf } from "../../src/report/graph_svg.ts";
import { tensor } from "../../src/tensor/tensor.ts";
import { fill, network, node } from "../passes/network.ts";

const networks = { inceptionV3, resnet18, resnet50 };
const dpus = ["DPUCZDX8G_ISA1_B4096", "DPUCAHX8L_ISA0_SP", "DPUCVDX8G_ISA3_C32B3"];

const inspectFor = (graph: Graph, dpu: string): Inspection => inspect(graph, { preset: "dpu", dpu });

/** Per network and DPU: the summary, and how many operators of each type are on each device. */
export function digestsText(): string {
  return Object.entries(networks).flatMap(([name, build]) => {
    const graph = build();
    return dpus.map((dpu) => `${name} on ${dpu}\n${digestText(inspectFor(graph, dpu))}\n`);
  }).join("\n");
}

function digestText(found: Inspection): string {
  const counts = new Map<string, number>();
  for (const { type, device } of found.nodes) {
    const key = `${type} on ${device}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  const lines = [...counts].sort().map(([key, count]) => `  ${count} ${key}`);
  return [summaryLine(found), ...lines, constraintTable(found)].join("\n");
}

/** The model of the inspector's tutorial in Vitis AI. `isModified`: as the tutorial changes it for the DPU. */
export function tutorial(isModified: boolean): Graph {
  const resized = isModified
    ? { mode: textAttribute("nearest"), coordinate_transformation_mode: textAttribute("asymmetric") }
    : { mode: textAttribute("linear"), coordinate_transformation_mode: textAttribute("half_pixel") };
  const pixelsFirst = node("Transpose pool > permuted", { perm: intsAttribute([0, 2, 3, 1]) });
  const nodes = [
    node("Resize x _ scales > resized", {
      ...resized,
      nearest_mode: textAttribute("floor"),
      cubic_coeff_a: floatAttribute(-0.75),
    }),
    node("Conv resized w b > conv", { pads: intsAttribute([1, 1, 1, 1]) }),
    node("Relu conv > relu"),
    node("AveragePool relu > pool", {
      kernel_shape: intsAttribute([3, 3]),
      strides: intsAttribute([3, 3]),
    }),
    ...isModified ? [pixelsFirst] : [],
    node(`Reshape ${isModified ? "permuted" : "pool"} flat > y`),
  ];
  const constants = {
    scales: tensor("float32", [4], [1, 1, 2, 2]),
    w: fill([128, 128, 3, 3]),
    b: fill([128]),
    flat: tensor("int64", [2], [1n, -1n]),
  };
  return { ...network(nodes, { x: [1, 128, 3, 3] }, constants, ["y"], 13), name: "ToyModel" };
}

const tutorialDpu = "DPUCAHX8L_ISA0_SP";

export const inspectTutorial = (isModified: boolean): Inspection => inspectFor(tutorial(isModified), tutorialDpu);

/** The whole file. */
export function tutorialText(): string {
  const found = inspectTutorial(false);
  return `${inspectionText({ ...found, targetName: tutorialDpu, file: "ToyModel.onnx" })}\n`;
}

/** The picture in docs/inspector.md. */
export async function tutorialPicture(): Promise<string> {
  const found = { ...inspectTutorial(false), targetName: tutorialDpu, file: "ToyModel.onnx" };
  return svgOf(await drawGraph(dotOf(pictureOf(found))));
}

export const tutorialPictureFile = new URL("../../docs/inspect.svg", import.meta.url);

/** By name of the file. */
export const inspectionTexts: Readonly<Record<string, () => string>> = {
  "inspections.txt": digestsText,
  [`inspect_${tutorialDpu}.txt`]: tutorialText,
};
