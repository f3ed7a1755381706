/**
 * halftone: post-training quantization of ONNX models, arithmetic in WGSL compute shaders.
 *
 * ```ts
 * import { calibrate, evaluate, load, modelInputs, openDataset, openMachine, quantize, save } from "halftone";
 *
 * const model = await load("model.onnx");
 * const machine = await openMachine("auto");
 * const data = await openDataset({ sources: [{ path: "images" }], inputs: modelInputs(model), modelPath: "model.onnx" });
 * const calibration = await calibrate(model, data, machine);
 * const quantized = quantize(calibration.graph, calibration.encodings);
 * console.log(await evaluate(model, quantized, data, machine));
 * await save(quantized, "model_int.onnx");
 * machine.close();
 * ```
 * @module
 */
import {
  defaultOptions,
  optionsFor,
  type QuantizeOptions,
  targetOf,
  weightMethodOf,
} from "./calibrate/options.ts";
import type { Method } from "./calibrate/solve.ts";
import { type Dataset, type DatasetOptions, openDataset } from "./dataset/mod.ts";
import { nearestWord } from "./dataset/nearest.ts";
import { openAdapter } from "./device/adapter.ts";
import { type DoctorReport, examine } from "./device/doctor.ts";
import { gpuMachine } from "./device/gpu_machine.ts";
import { openGpujsMachine } from "./device/gpujs_machine.ts";
import { openDevice } from "./device/open_device.ts";
import { ConfigError, DeviceError, HalftoneError, ModelError, UnsupportedError } from "./error.ts";
import { evaluate as evaluateGraphs, evaluateAll, type Evaluation, type Mode } from "./evaluate/evaluate.ts";
import { calibratedPoints } from "./formats/calibrated_points.ts";
import type { CalibratedPoint } from "./formats/results.ts";
import type { Dim, Graph, Node } from "./graph/graph.ts";
import { checkOps } from "./ops/table.ts";
import type { Machine } from "./plan/machine.ts";
import { rewrite } from "./passes/rewrite.ts";
import { plannedOpset, upgradeOpset } from "./passes/upgrade_opset.ts";
import type { Encoding, Encodings } from "./quantize/encoding.ts";
import { firstAndLast, matcherOf } from "./quantize/exclude.ts";
import { insertQdq } from "./quantize/insert_qdq.ts";
import type { FloatNode } from "./quantize/points.ts";
import { opsetOf } from "./quantize/target.ts";
import type { TensorQuantization } from "./quantize/tensor_functions.ts";
import { calibrateGraph, encodingsByMethod, prepare, type Recipe } from "./recipe.ts";
import { readModel, writeModel, type WrittenModel } from "./storage/mod.ts";
import type { DType } from "./tensor/dtype.ts";

export { ConfigError, DeviceError, HalftoneError, ModelError, UnsupportedError };
export { defaultOptions, examine, openDataset };
export type {
  Dataset,
  DatasetOptions,
  DoctorReport,
  Encoding,
  Encodings,
  Evaluation,
  Graph,
  Machine,
  Method,
  QuantizeOptions,
  TensorQuantization,
};

/**
 * Reads an ONNX model (IR 3 to 14), external data included.
 * @throws ModelError naming the file and what is wrong with it.
 *
 * ```ts
 * const model = await load("resnet.onnx");
 * ```
 */
export function load(path: string): Promise<Graph> {
  return readModel(path);
}

/**
 * Writes a model beside its destination and renames it: a half-written file is never seen. Weights above 1 GB go to
 * `PATH.data`.
 *
 * ```ts
 * const { bytes } = await save(quantized, "resnet_int.onnx");
 * ```
 */
export function save(graph: Graph, path: string): Promise<WrittenModel> {
  return writeModel(graph, path);
}

export type DeviceChoice = "auto" | "hardware" | "software" | "cpu";

/**
 * Opens a device. `auto`: a GPU, else a software adapter, else gpu.js kernels on the CPU; `machine.description` names
 * what was found. Close it when done.
 * @throws DeviceError when no adapter of that kind works, saying what was tried.
 *
 * ```ts
 * const machine = await openMachine("auto");
 * console.log(machine.description, machine.software ? "not a GPU" : "");
 * machine.close();
 * ```
 */
export async function openMachine(choice: DeviceChoice = "auto"): Promise<Machine> {
  if (choice === "cpu") return openGpujsMachine();
  try {
    const opened = await openAdapter(choice);
    return gpuMachine(await openDevice(opened), opened);
  } catch (error) {
    if (choice === "auto" && error instanceof DeviceError) return openGpujsMachine();
    throw error;
  }
}

/**
 * The inputs a model wants: names, shapes (a string is an open dimension such as "N") and element types.
 *
 * ```ts
 * modelInputs(model); // [{ name: "input", shape: ["N", 3, 32, 32], dtype: "float32" }]
 * ```
 */
export function modelInputs(graph: Graph): { name: string; shape: Dim[]; dtype: DType }[] {
  return graph.inputs.map((name) => {
    const value = graph.values.get(name);
    if (!value?.shape) {
      throw new UnsupportedError(`Cannot feed input "${name}": the model states no shape for it`);
    }
    return { name, shape: [...value.shape], dtype: value.dtype };
  });
}

export type Calibration = {
  /** The float graph that the encodings belong to: normalizations and constants folded, opset raised. */
  readonly graph: Graph;
  /** By value name: activations, weights, biases. */
  readonly encodings: Encodings;
  readonly images: number;
  /** `forward`: the sweep over the data, statistics included. */
  readonly seconds: { readonly total: number; readonly forward: number };
  readonly quantizedNodes: number;
  /** Every node left in float, with the reason. */
  readonly floatNodes: readonly FloatNode[];
  readonly options: QuantizeOptions;
  readonly points: readonly CalibratedPoint[];
};

/**
 * Calibrates: one sweep over the data measures every activation on the device, then ranges become encodings. Memory does
 * not grow with the data set.
 * @param onProgress hears how many samples are done, of how many.
 * @throws UnsupportedError listing every operator halftone does not know; ModelError for NaN or infinite weights and
 * activations, naming them; ConfigError for options that do not go together.
 *
 * ```ts
 * const { encodings, floatNodes } = await calibrate(model, data, machine, { method: "percentile" });
 * ```
 */
export async function calibrate(
  graph: Graph,
  dataset: Pick<Dataset, "count" | "batches">,
  machine: Machine,
  options: Partial<QuantizeOptions> = {},
  onProgress: (done: number, total: number) => void = () => {},
): Promise<Calibration> {
  const full = optionsFor(options);
  const started = performance.now();
  let [images, swept] = [0, started];
  const result = await calibrateGraph(
    graph,
    recipeFor(full, graph),
    machine,
    dataset.batches,
    (done) => {
      [images, swept] = [done, performance.now()];
      onProgress(done, dataset.count);
    },
  );
  return {
    graph: result.graph,
    encodings: result.encodings,
    images,
    seconds: { total: (performance.now() - started) / 1000, forward: (swept - started) / 1000 },
    quantizedNodes: result.points.quantized.size,
    floatNodes: result.points.float,
    options: full,
    points: calibratedPoints(result),
  };
}

function recipeFor(full: QuantizeOptions, graph: Graph): Recipe {
  const target = targetOf(full);
  return {
    target,
    method: full.method,
    parameters: full,
    weightMethod: weightMethodOf(full, target),
    statistic: full.statistic,
    overrides: full.overrides,
    graphMethods: full,
    excludes: exclusion(full, graph),
  };
}

/**
 * Every method's quantized model beside the float one: one calibration sweep, one sweep over the data to judge them.
 *
 * ```ts
 * for (const { method, evaluation } of await compareMethods(model, data, data, machine)) console.log(method, evaluation);
 * ```
 */
export async function compareMethods(
  graph: Graph,
  calibration: Pick<Dataset, "count" | "batches">,
  judging: Pick<Dataset, "count" | "batches">,
  machine: Machine,
  options: Partial<QuantizeOptions> = {},
): Promise<{ method: Method; evaluation: Evaluation }[]> {
  const recipe = recipeFor(optionsFor(options), graph);
  const found = await calibrateGraph(graph, recipe, machine, calibration.batches);
  const all = encodingsByMethod(found, recipe);
  const quantized = all.map(({ encodings }) => upgradeOpset(plannedOpset)(quantize(found.graph, encodings)));
  const float = prepare(graph, plannedOpset);
  const evaluations = await evaluateAll(float, quantized, machine, judging.batches);
  return all.map(({ method }, i) => ({ method, evaluation: evaluations[i] }));
}

function exclusion(
  { exclude, keepFirstLast }: QuantizeOptions,
  graph: Graph,
): (node: Node) => string | undefined {
  const words = (node: Node) => [node.name, node.outputs[0], node.opType];
  const matchers = exclude.map((rule) => {
    const matches = matcherOf(rule);
    if (graph.nodes.some((node) => words(node).some(matches))) return { rule, matches };
    const near = nearestWord(rule, graph.nodes.flatMap(words));
    throw new ConfigError(
      `Cannot exclude "${rule}": no node has such a name or type${near ? `, did you mean "${near}"?` : ""}`,
    );
  });
  const kept = keepFirstLast ? firstAndLast(prepare(graph, plannedOpset)) : [];
  return (node) => {
    const found = matchers.find(({ matches }) => words(node).some(matches));
    if (found) return `excluded by "${found.rule}"`;
    return kept.includes(node.outputs[0]) ? "the first and the last layer stay float" : undefined;
  };
}

/**
 * The quantized model: the float graph with QuantizeLinear and DequantizeLinear nodes for these encodings. `graph` may be
 * the model as loaded or the calibration's.
 * @throws ModelError when an encoding names a value that the model does not have.
 *
 * ```ts
 * const quantized = quantize(calibration.graph, calibration.encodings);
 * ```
 */
export function quantize(graph: Graph, encodings: Encodings): Graph {
  const prepared = prepare(graph, opsetOf(encodings));
  const produced = new Set(prepared.nodes.flatMap((node) => node.outputs));
  for (const name of encodings.keys()) {
    if (produced.has(name) || prepared.values.has(name)) continue;
    throw new ModelError(`Cannot quantize: the encodings name "${name}", which the model does not have`);
  }
  return rewrite(prepared, { insertQdq: insertQdq(encodings) });
}

export { exportAs, type ExportForm } from "./quantize/forms/all.ts";

export { fakeQuantizeTensor, quantizeTensor } from "./quantize/on_machine.ts";

/**
 * Runs the float and the quantized model over the data: top-1 and top-5 (percent) where there are labels, agreement
 * (share of equal top-1), SQNR in dB. The quantized model computes on codes as ONNX Runtime's CPU provider does
 * (`mode` "int8"), bit for bit, or in float32 that is rounded wherever there are codes ("fake-quant").
 *
 * ```ts
 * const { agreement, outputSqnrDb } = await evaluate(model, quantized, data, machine);
 * ```
 */
export function evaluate(
  float: Graph,
  quantized: Graph,
  dataset: Pick<Dataset, "count" | "batches">,
  machine: Machine,
  onProgress: (done: number, total: number) => void = () => {},
  mode: Mode = "int8",
): Promise<Evaluation> {
  // Both at one opset. The codes of weights must stay codes, so that the quantized one is folded by its plans only.
  const [a, b] = [prepare(float, plannedOpset), upgradeOpset(plannedOpset)(checkOps(quantized))];
  return evaluateGraphs(a, b, machine, dataset.batches, (done) => onProgress(done, dataset.count), mode);
}
