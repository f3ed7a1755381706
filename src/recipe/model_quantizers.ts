// A TensorQuantizer for every quantized tensor of a model, as pytorch-quantization's quantized modules have one per
// input and weight. Their amax becomes the encodings that `quantize` inserts; nothing else computes with them.
import type { AmaxOptions } from "../calibrate/calibrators.ts";
import { observeMagnitudes } from "../calibrate/magnitudes.ts";
import { TensorQuantizer } from "../calibrate/tensor_quantizer.ts";
import { ConfigError } from "../error.ts";
import { nearestWord } from "../files/nearest.ts";
import type { Graph, Name } from "../graph/graph.ts";
import type { Batches, Machine } from "../plan/machine.ts";
import type { Encodings, Range } from "../quantize/encoding.ts";
import { encodeAll, type Override } from "../quantize/encodings.ts";
import type { Points } from "../quantize/points.ts";
import type { Target } from "../quantize/target.ts";
import { fullRange } from "../quantize/weights.ts";

/** The two quantizers of a layer; layers that read the same tensor share its quantizer. */
export type LayerQuantizers = { readonly input: TensorQuantizer; readonly weight: TensorQuantizer };

/** What the quantizers belong to. */
export type QuantizedModel = { readonly graph: Graph; readonly points: Points; readonly target: Target };

/** The quantizers of a model; `quantizersOf` makes them. */
export class ModelQuantizers {
  /** The float graph whose tensors they quantize: normalizations and constants folded, opset raised. */
  readonly graph: Graph;
  /** By the node's name, or its first output if it has none. */
  readonly layers: ReadonlyMap<string, LayerQuantizers>;
  /** By tensor: inputs and weights of layers, and further values such as operands of a residual sum. */
  readonly tensors: ReadonlyMap<Name, TensorQuantizer>;
  private readonly points: Points;
  private readonly target: Target;

  constructor(
    { graph, points, target }: QuantizedModel,
    tensors: ReadonlyMap<Name, TensorQuantizer>,
    layers: ReadonlyMap<string, LayerQuantizers>,
  ) {
    this.graph = graph;
    this.points = points;
    this.target = target;
    this.tensors = tensors;
    this.layers = layers;
  }

  /** Each quantizer once, by its name: "conv1.input" or "conv1.weight" of the first layer, or the tensor's. */
  *[Symbol.iterator](): IterableIterator<[string, TensorQuantizer]> {
    const named = new Map<TensorQuantizer, string>();
    for (const [name, quantizer] of this.names()) if (!named.has(quantizer)) named.set(quantizer, name);
    for (const [quantizer, name] of named) yield [name, quantizer];
  }

  /**
   * The quantizer by "LAYER.input", "LAYER.weight" or the tensor's name.
   * @throws ConfigError for an unknown name, with the nearest one.
   *
   * ```ts
   * quantizers.get("conv1.input").disable();
   * ```
   */
  get(name: string): TensorQuantizer {
    const all = new Map(this.names());
    const found = all.get(name);
    if (found) return found;
    throw unknownName(name, all.keys());
  }

  /** Starts collecting the statistics of all tensors. */
  enableCalib(): void {
    for (const [, quantizer] of this) quantizer.enableCalib();
  }
  disableCalib(): void {
    for (const [, quantizer] of this) quantizer.disableCalib();
  }
  /** Forgets all statistics. */
  resetCalib(): void {
    for (const [, quantizer] of this) quantizer.resetCalib();
  }
  enableQuant(): void {
    for (const [, quantizer] of this) quantizer.enableQuant();
  }
  disableQuant(): void {
    for (const [, quantizer] of this) quantizer.disableQuant();
  }

  /**
   * Collects statistics for every quantizer with calibration enabled, in one sweep of the float model over the data.
   * @param onProgress receives the number of samples done, and of all samples.
   * @throws ConfigError if calibration is enabled for none; ModelError for NaN and infinity, naming the value.
   *
   * ```ts
   * quantizers.enableCalib();
   * await quantizers.collect(data, machine);
   * quantizers.loadCalibAmax({ method: "percentile", percentile: 99.99 });
   * ```
   */
  async collect(
    dataset: { readonly count: number; readonly batches: Batches },
    machine: Machine,
    onProgress: (done: number, total: number) => void = () => {},
  ): Promise<void> {
    const collecting = [...this.tensors].filter(([, quantizer]) => quantizer.isCalibEnabled);
    if (collecting.length === 0) {
      throw new ConfigError(
        "Cannot collect statistics: calibration is enabled for no quantizer; call enableCalib()",
      );
    }
    const activations = collecting.filter(([name]) => !this.graph.values.get(name)?.constant);
    for (const [name, quantizer] of collecting) {
      const { constant } = this.graph.values.get(name) ?? {};
      if (constant) await quantizer.collect(constant);
    }
    if (activations.length === 0) return;
    const measured = activations.map(([name, { unsigned }]) => ({ name, unsigned }));
    const progress = (done: number) => onProgress(done, dataset.count);
    const found = await observeMagnitudes(this.graph, measured, machine, dataset.batches, progress);
    for (const [name, quantizer] of activations) quantizer.collectHistogram(found.get(name)!);
  }

  /** Fixes the amax of all quantizers that saw data; options are for those with a histogram. */
  loadCalibAmax(options: AmaxOptions = {}): void {
    for (const [, quantizer] of this) {
      if (quantizer.hasStatistics) {
        quantizer.loadCalibAmax(quantizer.calibMethod === "histogram" ? options : {});
      }
    }
  }

  /**
   * The encodings of all tensors whose quantizers quantize, for `quantize`; the others stay float.
   * @throws ConfigError for quantizers without amax, naming them.
   *
   * ```ts
   * const quantized = quantize(quantizers.graph, quantizers.encodings());
   * ```
   */
  encodings(): Encodings {
    const open = [...this].filter(([, quantizer]) => quantizer.isQuantEnabled && !quantizer.amax);
    if (open.length > 0) {
      const shown = open.slice(0, 5).map(([name]) => `"${name}"`).join(", ");
      throw new ConfigError(
        `Cannot quantize: ${open.length} quantizers have no amax (${shown}${
          open.length > 5 ? ", …" : ""
        }); ` +
          "calibrate them (enableCalib, collect, loadCalibAmax), set their amax, or disable them",
      );
    }
    const overrides = new Map(
      [...this.tensors].map(([name, one]) => [name, overrideBy(name, one, this.graph)]),
    );
    return encodeAll(this.graph, this.points, new Map(), this.target, fullRange, overrides);
  }

  /** As pytorch-quantization's walk-through prints a calibrated model, a line per quantizer. */
  toString(): string {
    const all = [...this];
    const width = Math.max(...all.map(([name]) => name.length));
    return all.map(([name, quantizer]) => `${name.padEnd(width)}: ${quantizer}`).join("\n");
  }

  private *names(): IterableIterator<[string, TensorQuantizer]> {
    for (const [layer, { input, weight }] of this.layers) {
      yield [`${layer}.input`, input];
      yield [`${layer}.weight`, weight];
    }
    yield* this.tensors;
  }
}

/** The settings that a quantizer makes for its tensor. */
function overrideBy(name: Name, quantizer: TensorQuantizer, { values }: Graph): Override {
  const { bits, unsigned, narrowRange: narrow, axis } = quantizer;
  if (!quantizer.isQuantEnabled) return { scheme: { datatype: "float32" } };
  // Unsigned codes have the zero point 0, not the middle code of symmetric ones.
  const scheme = { bits, signed: !unsigned, symmetric: !unsigned, narrow };
  const ranges = Array.from(
    quantizer.effectiveAmax!,
    (amax): Range => ({ low: unsigned ? 0 : -amax, high: amax }),
  );
  if (ranges.length === 1) return { scheme, range: ranges[0], perChannel: false };
  const channels = values.get(name)?.constant?.shape[Number(axis)];
  if (ranges.length === channels) return { scheme, channelRanges: ranges, perChannel: true };
  throw new ConfigError(
    `Cannot quantize "${name}" along axis ${axis}: its quantizer has ${ranges.length} numbers as amax, expected ` +
      `${channels}, one per channel`,
  );
}

/** The error for a name that no quantizer has. */
export function unknownName(name: string, known: Iterable<string>): ConfigError {
  const all = [...known];
  const near = all.find((one) => one.startsWith(`${name}.`)) ?? nearestWord(name, all);
  const hint = near ? `did you mean "${near}"?` : `the first is "${all[0]}"`;
  return new ConfigError(`Cannot find quantizer "${name}": the model has ${all.length} others, ${hint}`);
}
