// Computes the goldens: a model's plan at batch 1, its points, and for one model its encodings.
import { openDataset } from "../../src/dataset/mod.ts";
import { readContract } from "../../src/device/contract.ts";
import { shaderText } from "../../src/device/shaders.ts";
import type { Kernel } from "../../src/kernels/kernel.ts";
import type { Graph } from "../../src/graph/graph.ts";
import { load, modelInputs, quantize } from "../../src/mod.ts";
import { integerForm } from "../../src/passes/integer_form.ts";
import { planFor } from "../../src/passes/specialize.ts";
import { plannedOpset, upgradeOpset } from "../../src/passes/upgrade_opset.ts";
import { referenceMachine } from "../../src/plan/interpret.ts";
import type { Plan } from "../../src/plan/plan.ts";
import { printPlan } from "../../src/plan/print.ts";
import { type Encodings } from "../../src/quantize/encoding.ts";
import { choosePoints } from "../../src/quantize/points.ts";
import { ortCpu } from "../../src/quantize/targets/ort_cpu.ts";
import { calibrateGraph, prepare } from "../../src/recipe.ts";
import { sharedPath } from "../shared.ts";

export const models = [
  "mlperf-tiny-resnet8",
  "resnet20-cifar10",
  "mlperf-tiny-vww",
  "squeezenet1.1-imagenet",
  "ultraface-rfb-320",
] as const;

/** The model that has a golden of encodings: small enough for the reference machine. */
export const encodedModel = "mlperf-tiny-resnet8";

export const modelPath = (model: string) => sharedPath("models", `${model}.onnx`);

export async function prepareModel(model: string): Promise<Graph> {
  return prepare(await load(modelPath(model)), plannedOpset);
}

/** Symbolic dimensions become 1. */
export function planAtBatchOne(graph: Graph): Plan {
  const shapes = modelInputs(graph).map(({ name, shape }) =>
    [name, shape.map((dim) => typeof dim === "number" ? dim : 1)] as const
  );
  return planFor(graph, new Map(shapes));
}

export function planText(graph: Graph): string {
  const bakedNames = (kernel: Kernel) => new Set(readContract(shaderText(kernel)).overrides.keys());
  return printPlan(planAtBatchOne(graph), bakedNames);
}

/** The integer form of the quantized graph, as it is evaluated. */
export function quantizeForPlan(graph: Graph, encodings: Encodings): Graph {
  return integerForm(upgradeOpset(plannedOpset)(quantize(graph, encodings)));
}

/** Where Q/DQ are inserted, weights and biases included, and what stays float, with the reason. */
export function pointsText(graph: Graph): string {
  const { encodedBy, weights, float } = choosePoints(graph, () => undefined);
  const lines = [
    ...[...encodedBy].map(([name, source]) => `activation ${name}${name === source ? "" : ` as ${source}`}`),
    ...weights.map(({ name, node, axis, bias }) =>
      `weight ${name} axis ${axis} of ${node}, bias ${bias ?? "_"}`
    ),
    ...float.map(({ type, name, why }) => `float ${type} ${name}: ${why}`),
  ];
  return `${lines.join("\n")}\n`;
}

/** From the first 16 images, on the reference machine. */
export async function encodingsOf(graph: Graph): Promise<Encodings> {
  const data = await openDataset({
    sources: [{ path: sharedPath("data", "cifar10", "calib") }],
    inputs: modelInputs(graph),
    modelPath: modelPath(encodedModel),
    count: 16,
    sample: "first",
  });
  const methods = { method: "maxmin", parameters: {}, weightMethod: "maxmin" } as const;
  const recipe = { target: ortCpu, excludes: () => undefined, ...methods };
  return (await calibrateGraph(graph, recipe, referenceMachine(), data.batches)).encodings;
}

/** One line per value: `name int8 axis 0 scale 0.0123457 … zero 0 …`. */
export function encodingsText(encodings: Encodings): string {
  const lines = [...encodings].map(([name, { scale, zeroPoint, bits, signed, axis }]) => {
    const along = axis === undefined ? "" : ` axis ${axis}`;
    const digits = Array.from(scale, (one) => Number(one.toPrecision(6)));
    return `${name} ${signed ? "" : "u"}int${bits}${along} scale ${digits.join(" ")} zero ${
      zeroPoint.join(" ")
    }`;
  });
  return `${lines.join("\n")}\n`;
}

/** All goldens of a model by kind, which is part of the file's name. */
export async function goldenTexts(model: string): Promise<Map<string, string>> {
  const graph = await prepareModel(model);
  const texts = new Map([["plan", planText(graph)], ["points", pointsText(graph)]]);
  if (model === encodedModel) {
    const encodings = await encodingsOf(graph);
    texts.set("encodings", encodingsText(encodings));
    texts.set("int8_plan", planText(quantizeForPlan(graph, encodings)));
  }
  return texts;
}

export const goldenFile = (model: string, kind: string) => new URL(`${model}.${kind}.txt`, import.meta.url);
