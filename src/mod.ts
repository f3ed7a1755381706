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
import type { Method } from "./calibrate/solve.ts";
import { type Dataset, type DatasetOptions, openDataset } from "./dataset/mod.ts";
import { openAdapter } from "./device/adapter.ts";
import { type DoctorReport, examine } from "./device/doctor.ts";
import { gpuMachine } from "./device/gpu_machine.ts";
import { openGpujsMachine } from "./device/gpujs_machine.ts";
import { openDevice } from "./device/open_device.ts";
import { ConfigError, DeviceError, HalftoneError, ModelError, UnsupportedError } from "./error.ts";
import { evaluate as evaluateGraphs, type Evaluation, type Mode } from "./evaluate/evaluate.ts";
import { calibratedPoints, retuned } from "./formats/calibrated_points.ts";
import type { CalibratedPoint, Finetuning } from "./formats/results.ts";
import type { Dim, Graph } from "./graph/graph.ts";
import { checkOps } from "./ops/table.ts";
import type { Machine } from "./plan/machine.ts";
import { rewrite } from "./passes/rewrite.ts";
import { plannedOpset, upgradeOpset } from "./passes/upgrade_opset.ts";
import type { Encoding, Encodings } from "./quantize/encoding.ts";
import { insertQdq } from "./quantize/insert_qdq.ts";
import type { FloatNode, Points } from "./quantize/points.ts";
import { opsetFor } from "./quantize/target.ts";
import {
  calibrateGraph,
  defaultOptions,
  finetuneCalibrated,
  prepare,
  type QuantizeOptions,
  recipeOf,
} from "./recipe.ts";
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
  Finetuning,
  Graph,
  Machine,
  Method,
  QuantizeOptions,
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
  readonly seconds: { readonly total: number; readonly forward: number; readonly finetune?: number };
  readonly quantizedNodes: number;
  /** Every node left in float, with the reason. */
  readonly floatNodes: readonly FloatNode[];
  readonly options: QuantizeOptions;
  readonly points: readonly CalibratedPoint[];
  /** Which values have encodings, and which weights belong to which nodes. */
  readonly placed: Points;
  /** What `finetune` did; absent before. */
  readonly finetune?: Finetuning;
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
  const full = { ...defaultOptions, ...options };
  const started = performance.now();
  let [images, swept] = [0, started];
  const result = await calibrateGraph(
    graph,
    recipeOf(full, graph),
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
    placed: result.points,
  };
}

/**
 * Tunes weights, weight scales and biases after calibration, without labels: each layer's codes minimise the error of
 * its output, from second moments of its quantized input (for a layer of weights [O, K]: [K, K] and [O, K] sums over
 * all positions, accumulated on the device), by ordered rounding with error feedback (GPTQ, arXiv 2210.17323, towards
 * the asymmetric target), coordinate descent, and scales and biases in closed form. A layer keeps its calibrated
 * weights, and `finetune.layers` says why, where its error would not fall; everything does where the network's output
 * error does not fall. Deterministic: same data, same device, same answer. Memory: the largest layer's K² and a batch.
 * @returns the calibration with tuned `graph`, `encodings` and `points`; quantize its `graph`, not the model as loaded.
 * @param onProgress hears how many layers are done, of how many.
 * @throws ModelError where the calibration's graph holds NaN or infinity; DeviceError where the device fails.
 *
 * ```ts
 * const calibration = await calibrate(model, data, machine, { weightBits: 4 });
 * const tuned = await finetune(calibration, data, machine);
 * await save(quantize(tuned.graph, tuned.encodings), "model_int.onnx");
 * ```
 */
export async function finetune(
  calibration: Calibration,
  dataset: Pick<Dataset, "count" | "batches">,
  machine: Machine,
  onProgress: (done: number, total: number, layer: string) => void = () => {},
): Promise<Calibration> {
  const started = performance.now();
  const { graph, encodings, placed } = calibration;
  const found = await finetuneCalibrated(
    { graph, encodings, points: placed },
    machine,
    dataset.batches,
    onProgress,
  );
  const spent = (performance.now() - started) / 1000;
  const { layers, outputError, accepted } = found;
  return {
    ...calibration,
    graph: found.graph,
    encodings: found.encodings,
    placed: found.points,
    points: retuned(calibration.points, found),
    seconds: { ...calibration.seconds, total: calibration.seconds.total + spent, finetune: spent },
    finetune: { method: "second-moment", images: dataset.count, accepted, outputError, layers },
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
  const perChannel = [...encodings.values()].some(({ axis }) => axis !== undefined);
  const prepared = prepare(graph, opsetFor(perChannel));
  const produced = new Set(prepared.nodes.flatMap((node) => node.outputs));
  for (const name of encodings.keys()) {
    if (produced.has(name) || prepared.values.has(name)) continue;
    throw new ModelError(`Cannot quantize: the encodings name "${name}", which the model does not have`);
  }
  return rewrite(prepared, { insertQdq: insertQdq(encodings) });
}

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
