/**
 * halftone: post-training quantization of ONNX models, arithmetic in WGSL compute shaders.
 *
 * ```ts
 * import { calibrate, evaluate, load, modelInputs, openDataset, openMachine, quantize, save } from "halftone";
 *
 * const model = await load("model.onnx");
 * const machine = await openMachine("auto");
 * const inputs = modelInputs(model);
 * const data = await openDataset({ sources: [{ path: "images" }], inputs, modelPath: "model.onnx" });
 * const calibration = await calibrate(model, data, machine);
 * const quantized = quantize(calibration.graph, calibration.encodings);
 * console.log(await evaluate(model, quantized, data, machine));
 * await save(quantized, "model_int.onnx");
 * machine.close();
 * ```
 * @module
 */
import { observe } from "./calibrate/observe.ts";
import type { RangeMethod } from "./calibrate/solve.ts";
import { type Dataset, type DatasetOptions, openDataset } from "./dataset/mod.ts";
import { type DoctorReport, examine } from "./device/doctor.ts";
import { ConfigError, DeviceError, HalftoneError, ModelError, UnsupportedError } from "./error.ts";
import { evaluate as evaluateGraphs, type Evaluation, type Mode } from "./evaluate/evaluate.ts";
import type { FinetuneMethod, FinetuneOptions } from "./finetune/methods.ts";
import type { EffectiveConfig } from "./files/effective_config.ts";
import type { Finetuning } from "./files/results.ts";
import type { Graph } from "./graph/graph.ts";
import type { Machine } from "./plan/machine.ts";
import { countRecognized } from "./passes/recognize.ts";
import { plannedOpset } from "./passes/upgrade_opset.ts";
import type { Encoding, Encodings } from "./quantize/encoding.ts";
import type { TensorQuantization } from "./quantize/tensor_functions.ts";
import { calibrateGraph, prepare, tuneCalibrated } from "./recipe.ts";
import { applyTuning, type Calibration, calibrationOf, type Measurements } from "./recipe/calibration.ts";
import {
  defaultOptions,
  optionsFor,
  type QuantizeOptions,
  recipeOf,
  requireMergeable,
} from "./recipe/options.ts";
import { placePoints } from "./recipe/place_points.ts";
import { solveRanges } from "./recipe/solve_ranges.ts";
import { atPlannedOpset } from "./recipe/verification.ts";
import { numbers, type Tensor, tensor } from "./tensor/tensor.ts";
import type { FinetuneProgress } from "./finetune/tune_layers.ts";

export { ConfigError, DeviceError, HalftoneError, ModelError, UnsupportedError };
export { defaultOptions, examine, numbers, openDataset, optionsFor, tensor };
export { type DeviceChoice, openMachine } from "./device/open_machine.ts";
export { inspect } from "./recipe/inspect.ts";
export type { Inspection } from "./recipe/inspect.ts";
export { compareMethods } from "./recipe/compare_methods.ts";
export { quantize } from "./recipe.ts";
export { run } from "./run/run.ts";
export { type LoadedEngine, loadEngine } from "./recipe/load_engine.ts";
export { saveEngine } from "./recipe/save_engine.ts";
export { configure } from "./recipe/configured.ts";
export { effectiveOptions } from "./recipe/effective_options.ts";
export { train, type Trained } from "./recipe/train.ts";
export { differentiate, type Differentiated } from "./passes/differentiate.ts";
export { exportAs, type ExportForm, exportWarnings } from "./quantize/forms/all.ts";
export { load, modelInputs, save, saveAs } from "./recipe/model_files.ts";
export { weakDb, weakOutputs, weakOutputText } from "./recipe/weak_outputs.ts";
export { findRuntime, makeUpBatch, type Verification, verify, type Written } from "./recipe/verification.ts";
export { fakeQuantizeTensor, quantizeTensor } from "./quantize/on_machine.ts";
export { type QuantDescriptor, quantDescriptors } from "./quantize/quant_descriptor.ts";
export { clipGradients } from "./quantize/learned_range.ts";
export { type QuantizerState, TensorQuantizer } from "./calibrate/tensor_quantizer.ts";
export type { AmaxOptions } from "./calibrate/calibrators.ts";
export { type ModelDescriptors, quantizersOf } from "./recipe/quantizers_of.ts";
export type { ModelQuantizers } from "./recipe/model_quantizers.ts";
export type {
  Calibration,
  Dataset,
  DatasetOptions,
  DoctorReport,
  EffectiveConfig,
  Encoding,
  Encodings,
  Evaluation,
  FinetuneMethod,
  FinetuneOptions,
  Finetuning,
  Graph,
  Machine,
  Measurements,
  QuantizeOptions,
  RangeMethod,
  Tensor,
  TensorQuantization,
};

/**
 * Calibrates: one sweep over the data measures every activation on the device, then ranges become encodings. Memory
 * does not grow with the data set.
 * @param onProgress receives the number of samples done, and of all samples.
 * @throws UnsupportedError listing every operator halftone does not know; ModelError for NaN or infinite weights and
 * activations, naming them; ConfigError for options that contradict each other.
 *
 * ```ts
 * const { encodings, floatNodes } = await calibrate(model, data, machine, { method: "percentile" });
 * ```
 */
export async function calibrate(
  graph: Graph,
  dataset: Pick<Dataset, "count" | "batches">,
  machine: Machine,
  given: Partial<QuantizeOptions> = {},
  onProgress: (done: number, total: number) => void = () => {},
): Promise<Calibration> {
  const started = performance.now();
  let [images, swept] = [0, started];
  const options = optionsFor(given);
  const found = await calibrateGraph(graph, recipeOf(options, graph), machine, dataset.batches, (done) => {
    [images, swept] = [done, performance.now()];
    onProgress(done, dataset.count);
  });
  const seconds = { total: (performance.now() - started) / 1000, forward: (swept - started) / 1000 };
  return calibrationOf(graph, found, {
    images,
    seconds,
    options,
    recognized: countRecognized(graph, found.graph),
  });
}

/**
 * The first half of `calibrate`: the sweep.
 * @throws ConfigError for options that need all of the data before or after the sweep.
 *
 * ```ts
 * const measured = await measure(model, data, machine);
 * const { encodings } = calibrateFrom(model, measured, { method: "entropy" });
 * ```
 */
export async function measure(
  graph: Graph,
  dataset: Pick<Dataset, "count" | "batches">,
  machine: Machine,
  given: Partial<QuantizeOptions> = {},
  onProgress: (done: number, total: number) => void = () => {},
): Promise<Measurements> {
  const started = performance.now();
  const options = optionsFor(given);
  requireMergeable(options);
  const { graph: placed, points } = placePoints(graph, recipeOf(options, graph));
  let [images, swept] = [0, started];
  const histograms = await observe(placed, points.activations, machine, dataset.batches, (done) => {
    [images, swept] = [done, performance.now()];
    onProgress(done, dataset.count);
  });
  return { histograms, images, seconds: (swept - started) / 1000 };
}

/**
 * The second half of `calibrate`: ranges become encodings. No data, no device.
 * @throws ModelError if the measured values are not the points of this model with these options.
 */
export function calibrateFrom(
  graph: Graph,
  measured: Measurements,
  given: Partial<QuantizeOptions> = {},
): Calibration {
  const options = optionsFor(given);
  requireMergeable(options);
  const recipe = recipeOf(options, graph);
  const { histograms, images, seconds } = measured;
  const found = solveRanges({ ...placePoints(graph, recipe), histograms }, recipe);
  const recognized = countRecognized(graph, found.graph);
  return calibrationOf(graph, found, {
    images,
    options,
    recognized,
    seconds: { total: seconds, forward: seconds },
  });
}

/**
 * Tunes weights, weight scales and biases after calibration, without labels, layer by layer from second moments or by
 * gradient steps (src/finetune). A layer whose error would not fall keeps its calibrated weights, and `finetune.layers`
 * says why; if the network's output error does not fall, all layers do. Same data, seed and device, same result.
 * @returns the calibration with tuned `graph`, `encodings` and `points`; quantize its `graph`, not the model as loaded.
 * @param onProgress receives the number of layers done, and of all layers.
 * @param options the method, the seed of its mini-batches, the layers of an interrupted run, and a function that stores
 * layers.
 * @throws ModelError if the calibration's graph has NaN or infinity; DeviceError if the device fails.
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
  { done, keep, ...options }: Pick<FinetuneProgress, "done" | "keep"> & FinetuneOptions = {},
): Promise<Calibration> {
  const started = performance.now();
  const course = { done, keep, progress: onProgress };
  const found = await tuneCalibrated(calibration, machine, dataset.batches, course, options);
  const seconds = (performance.now() - started) / 1000;
  const { method = "second-moment" } = options;
  return applyTuning(calibration, found, { method, images: dataset.count, seconds });
}

/**
 * Runs the float and the quantized model over the data: top-1 and top-5 (percent) if there are labels, agreement
 * (share of equal top-1), SQNR in dB. The quantized model computes on codes as ONNX Runtime's CPU provider does
 * (`mode` "int8"), bit for bit, or in float32 with quantized values rounded ("fake-quant").
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
  const [a, b] = [prepare(float, plannedOpset), atPlannedOpset(quantized)];
  return evaluateGraphs(a, b, machine, dataset.batches, (done) => onProgress(done, dataset.count), mode);
}

/**
 * `evaluate` for one model: its accuracy if there are labels.
 *
 * ```ts
 * const { float } = await evaluateAlone(model, data, machine);
 * ```
 */
export function evaluateAlone(
  graph: Graph,
  dataset: Pick<Dataset, "count" | "batches">,
  machine: Machine,
  onProgress: (done: number, total: number) => void = () => {},
): Promise<Evaluation> {
  const prepared = prepare(graph, plannedOpset);
  const progress = (done: number) => onProgress(done, dataset.count);
  return evaluateGraphs(prepared, prepared, machine, dataset.batches, progress);
}
