// Bias correction: rounding weights shifts the mean of a layer's results by E[(ŵ − w)·x], which is subtracted from the
// bias (Nagel et al., 1906.04721, section 4.2). Padding counts as data: its zeros are few.
//
// `closed`: from the means of the inputs in the float model, one sum per channel. `vitis` (vai_q_pytorch 3.5): a
// twentieth of the mean error of each batch, until the noise settles. Its recurrence runs on the statistics of a sweep
// through the quantized model with its first biases; upstream's later layers see the earlier ones' corrected biases.
import { producers, withValues } from "../graph/edit.ts";
import type { Graph, Name, Value } from "../graph/graph.ts";
import { type Layer, layersOf, withLayers } from "../passes/layers.ts";
import type { Batches, Machine } from "../plan/machine.ts";
import type { Encodings } from "../quantize/encoding.ts";
import { insertQdq } from "../quantize/insert_qdq.ts";
import { roundTensor } from "../quantize/weights.ts";
import { tensor } from "../tensor/tensor.ts";
import { type BatchStatistics, type Channelled, channelStatistics, wholeStatistics } from "./channels.ts";

export const biasCorrections = ["closed", "vitis"] as const;
export type BiasCorrection = (typeof biasCorrections)[number];

/** The float graph with biases corrected for these encodings of its weights. */
export async function correctBias(
  form: BiasCorrection,
  graph: Graph,
  encodings: Encodings,
  machine: Machine,
  batches: Batches,
): Promise<Graph> {
  const layers = [...layersOf(graph).values()].filter(({ weight, b }) => b && encodings.has(weight));
  if (layers.length === 0) return graph;
  if (form === "closed") await correctInClosedForm(graph, layers, encodings, machine, batches);
  else await correctByBatches(graph, layers, encodings, machine, batches);
  return withLayers(graph, layers);
}

/** A warning that names quantized layers without a bias to correct: products with no row added behind them. */
export function uncorrectedWarnings(graph: Graph, encodings: Encodings): string[] {
  const bare = [...layersOf(graph).values()].filter(({ weight, b }) => !b && encodings.has(weight));
  if (bare.length === 0) return [];
  const shown = bare.slice(0, 8).map(({ node }) => `"${node.name || node.outputs[0]}"`).join(", ");
  const more = bare.length > 8 ? ` and ${bare.length - 8} more` : "";
  return [`bias correction leaves out ${shown}${more}: nothing is added to their products`];
}

const inputOf = ({ node, inputs, shape }: Layer): Channelled => ({
  name: node.inputs[0],
  channels: inputs,
  ...(shape.length > 2 ? { images: shape.length } : {}),
});

/** ŵ − w, element by element. */
function roundingOf({ w, shape, weight }: Layer, encodings: Encodings): Float64Array {
  const encoding = encodings.get(weight)!;
  const float = Float32Array.from(w);
  const rounded = roundTensor(float, shape, encoding);
  return w.map((value, i) => rounded[i] - value);
}

async function correctInClosedForm(
  graph: Graph,
  layers: readonly Layer[],
  encodings: Encodings,
  machine: Machine,
  batches: Batches,
): Promise<void> {
  const means = await wholeStatistics(channelStatistics(graph, layers.map(inputOf), machine, batches));
  for (const layer of layers) {
    const { mean } = means.get(layer.node.inputs[0]) ?? {};
    if (!mean) continue;
    roundingOf(layer, encodings).forEach((error, i) => {
      layer.b![layer.outputOf(i)] -= error * layer.reach * mean[layer.inputOf(i)];
    });
  }
}

/** Upstream's constants (nn/modules/quant_noise.py). */
const rate = 0.05;
const keep = 0.8;

class Correction {
  private efficiency = 0;
  private deviation = 0;
  private stopped = false;
  readonly shift: Float64Array;

  constructor(channels: number) {
    this.shift = new Float64Array(channels);
  }

  /**
   * Adds one batch: per channel, mean and mean square of the rounding's effect, and mean square of the float result.
   */
  add(mean: Float64Array, squares: Float64Array, signal: Float64Array): void {
    if (this.stopped) return;
    const average = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0) / values.length;
    const { shift } = this;
    const noise = average(squares.map((value, c) => value + 2 * shift[c] * mean[c] + shift[c] ** 2));
    if (noise === 0) return void (this.stopped = true);
    const efficiency = 1.25 * Math.log10(average(signal) / noise);
    const deviation = Math.abs(efficiency - this.efficiency);
    this.efficiency = keep * this.efficiency + (1 - keep) * efficiency;
    this.deviation = keep * this.deviation + (1 - keep) * deviation;
    const step = this.efficiency > 4 ? rate / 2 : rate;
    mean.forEach((value, c) => shift[c] -= step * (value + shift[c]));
    this.stopped = deviation === 0 || this.efficiency > 4.3 || this.deviation / this.efficiency < 0.05 ||
      Math.abs(deviation - this.deviation / deviation) < 0.05;
  }
}

async function correctByBatches(
  graph: Graph,
  layers: readonly Layer[],
  encodings: Encodings,
  machine: Machine,
  batches: Batches,
): Promise<void> {
  const corrections = layers.map(({ outputs }) => new Correction(outputs));
  const { probe, errors, signals } = probing(graph, layers, encodings);
  const requested = [...errors, ...signals];
  for await (
    const { of } of channelStatistics(probe, requested, machine, batches) as AsyncIterable<BatchStatistics>
  ) {
    corrections.forEach((correction, i) => {
      const [error, signal] = [of.get(errors[i].name), of.get(signals[i].name)];
      if (error && signal) correction.add(error.mean, error.squares, signal.squares);
    });
  }
  layers.forEach(({ b }, i) => corrections[i].shift.forEach((shift, c) => b![c] += shift));
}

/** The quantized graph with each layer twice more on its quantized input: with ŵ − w and no bias, and in float. */
function probing(graph: Graph, layers: readonly Layer[], encodings: Encodings) {
  const outputsOf = (layer: Layer, name: Name): Channelled => ({
    name,
    channels: layer.outputs,
    ...(layer.shape.length > 2 ? { images: layer.shape.length } : {}),
  });
  const errors = layers.map((layer) => outputsOf(layer, `${layer.node.outputs[0]}@error`));
  const signals = layers.map((layer) => outputsOf(layer, `${layer.node.outputs[0]}@signal`));
  const values: [Name, Value][] = [];
  const makers = producers(graph);
  const twice = new Map(layers.map((layer, i) => {
    const { node, weight, shape } = layer;
    const [error, float] = [`${weight}@error_of_${i}`, `${weight}@float_of_${i}`];
    const setValue = (name: Name, numbers: Float64Array) =>
      values.push([name, { dtype: "float32", shape, constant: tensor("float32", shape, numbers) }]);
    setValue(error, roundingOf(layer, encodings));
    setValue(float, layer.w);
    const inputsWith = (to: Name) => node.inputs.map((name) => name === weight ? to : name);
    const product = layer.result === node.outputs[0] ? signals[i].name : `${signals[i].name}_product`;
    const sum = makers.get(layer.result)!;
    return [node.outputs[0], [
      { ...node, inputs: inputsWith(error).slice(0, 2), outputs: [errors[i].name] },
      { ...node, inputs: inputsWith(float), outputs: [product] },
      // A product's bias is a node behind it.
      ...(sum === node ? [] : [{
        ...sum,
        inputs: sum.inputs.map((name) => name === node.outputs[0] ? product : name),
        outputs: [signals[i].name],
      }]),
    ]];
  }));
  const nodes = graph.nodes.flatMap((node) => [node, ...twice.get(node.outputs[0]) ?? []]);
  const widened = withValues({ ...graph, nodes }, values);
  const outputs = [...graph.outputs, ...errors, ...signals].map((one) =>
    typeof one === "string" ? one : one.name
  );
  return { probe: insertQdq(encodings)({ ...widened, outputs }), errors, signals };
}
