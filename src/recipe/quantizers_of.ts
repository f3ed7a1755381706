// Makes the quantizers of a model from descriptors of inputs and weights.
import { TensorQuantizer } from "../calibrate/tensor_quantizer.ts";
import { ConfigError } from "../error.ts";
import type { Graph, Name } from "../graph/graph.ts";
import type { Machine } from "../plan/machine.ts";
import type { Points } from "../quantize/points.ts";
import { completeDescriptor, type QuantDescriptor, quantDescriptors } from "../quantize/quant_descriptor.ts";
import { descriptorPreset } from "../quantize/presets.ts";
import type { Target } from "../quantize/target.ts";
import { type LayerQuantizers, ModelQuantizers, unknownName } from "./model_quantizers.ts";
import { optionsFor, type QuantizeOptions, recipeOf } from "./options.ts";
import { placePoints } from "./place_points.ts";

export type ModelDescriptors = Partial<Pick<QuantizeOptions, "preset" | "exclude" | "keepFirstLast">> & {
  /** Of inputs of layers and of all further values; 8 bits per tensor. */
  readonly input?: QuantDescriptor;
  /**
   * Of weights; 8 bits per output channel. Any axis means the output channels, wherever the operator keeps them: rows
   * of PyTorch's Linear are columns of ONNX's MatMul.
   */
  readonly weight?: QuantDescriptor;
  /** Of single quantizers, by "LAYER.input", "LAYER.weight" or the tensor's name. */
  readonly single?: Readonly<Record<string, QuantDescriptor>>;
  /** Computes statistics of weights; absent: the host. */
  readonly machine?: Machine;
};

/**
 * A quantizer for every tensor that will be quantized: inputs and weights of layers, operands of residual sums. The
 * preset says where they are; the default is the runtime that pytorch-quantization exports for.
 * @throws ConfigError for an unknown name in `single` with the nearest one, and for descriptors that Q/DQ cannot hold;
 * RangeError for descriptors whose fields contradict each other.
 *
 * ```ts
 * const quantizers = quantizersOf(model, { input: { calibMethod: "histogram" } });
 * quantizers.enableCalib();
 * await quantizers.collect(data, machine);
 * quantizers.loadCalibAmax({ method: "entropy" });
 * const quantized = quantize(quantizers.graph, quantizers.encodings());
 * ```
 */
export function quantizersOf(model: Graph, given: ModelDescriptors = {}): ModelQuantizers {
  const { preset = descriptorPreset, exclude = [], keepFirstLast, single = {} } = given;
  const { input = quantDescriptors.perTensor8Bit, weight = quantDescriptors.conv2dWeightPerChannel8Bit } =
    given;
  const recipe = recipeOf(optionsFor({ preset, exclude, keepFirstLast }), model);
  const { graph, points } = placePoints(model, recipe);
  const names = namesByTensor(graph, points);
  const own = ownDescriptors(single, names);
  const tensors = new Map<Name, TensorQuantizer>();
  const add = (tensor: Name, descriptor: QuantDescriptor) => {
    const [name] = names.get(tensor)!;
    requireFake(name, descriptor);
    tensors.set(tensor, new TensorQuantizer({ ...descriptor, name }, { machine: given.machine }));
  };
  for (const tensor of points.activations) {
    const descriptor = own.get(tensor) ?? input;
    requireActivation(names.get(tensor)![0], descriptor, recipe.target);
    add(tensor, descriptor);
  }
  for (const { name, axis } of [...points.weights, ...points.tables]) {
    const descriptor = own.get(name) ?? weight;
    add(name, descriptor.axis === undefined ? descriptor : { ...descriptor, axis });
  }
  const layers = new Map(
    [...layerNames(graph, points)].map(([layer, { input, weight }]): [string, LayerQuantizers] => [
      layer,
      { input: tensors.get(input)!, weight: tensors.get(weight)! },
    ]),
  );
  return new ModelQuantizers({ graph, points, target: recipe.target }, tensors, layers);
}

/** The tensors of each layer with weights, by its node's name. */
function layerNames(
  graph: Graph,
  { weights, encodedBy }: Points,
): Map<string, { input: Name; weight: Name }> {
  const labels = new Map(graph.nodes.map(({ name, outputs }) => [outputs[0], name || outputs[0]]));
  return new Map(
    weights.map((
      { node, input, name },
    ) => [labels.get(node)!, { input: encodedBy.get(input)!, weight: name }]),
  );
}

/** All names of each tensor's quantizer, the one to show first. */
function namesByTensor(graph: Graph, points: Points): Map<Name, string[]> {
  const found = new Map<Name, string[]>();
  const add = (tensor: Name, name: string) => found.set(tensor, [...found.get(tensor) ?? [], name]);
  for (const [layer, { input, weight }] of layerNames(graph, points)) {
    add(input, `${layer}.input`);
    add(weight, `${layer}.weight`);
  }
  const { activations, weights, tables } = points;
  for (const name of new Set([...activations, ...[...weights, ...tables].map(({ name }) => name)])) {
    add(name, name);
  }
  return found;
}

function ownDescriptors(
  single: Readonly<Record<string, QuantDescriptor>>,
  names: ReadonlyMap<Name, readonly string[]>,
): Map<Name, QuantDescriptor> {
  const tensorOf = new Map([...names].flatMap(([tensor, all]) => all.map((name) => [name, tensor] as const)));
  return new Map(
    Object.entries(single).map(([name, descriptor]) => {
      const tensor = tensorOf.get(name);
      if (tensor === undefined) throw unknownName(name, tensorOf.keys());
      return [tensor, descriptor];
    }),
  );
}

/** Q/DQ nodes give values, in a range that does not change. */
function requireFake(name: string, given: QuantDescriptor): void {
  const { fakeQuant } = completeDescriptor({ ...given, name });
  if (fakeQuant) return;
  throw new ConfigError(
    `Cannot quantize "${name}" of a model: fakeQuant is false, expected true (Q/DQ nodes)`,
  );
}

function requireActivation(name: string, { axis, unsigned }: QuantDescriptor, target: Target): void {
  if (axis !== undefined) {
    throw new ConfigError(
      `Cannot quantize "${name}" along axis ${axis}: values between layers have one scale; leave out axis`,
    );
  }
  if (unsigned && target.noZeroPoints) {
    throw new ConfigError(
      `Cannot quantize "${name}" for "${target.name}": its codes are unsigned, expected signed ones; leave out ` +
        `unsigned or choose another preset`,
    );
  }
}
