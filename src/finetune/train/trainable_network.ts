// The whole quantized network as a function of its trained parameters: every weight, weight scale and bias, and
// activation scales (LSQ, arXiv 1902.08153), up to the distance from the float network's outputs.
import { intAttribute, textAttribute } from "../../graph/attribute.ts";
import { withValues } from "../../graph/edit.ts";
import type { Graph, Name } from "../../graph/graph.ts";
import type { Outputs } from "../../plan/machine.ts";
import { type Encoding, smallestNormal } from "../../quantize/encoding.ts";
import { roundTensor } from "../../quantize/weights.ts";
import { elementCount, type Shape } from "../../tensor/shape.ts";
import { floats, tensorOver } from "../../tensor/tensor.ts";
import { straightThroughWeights } from "../gradient/adaquant.ts";
import { addShiftedBias, shiftedBiasFrom } from "../gradient/bias_shift.ts";
import type { UnitLayer } from "../gradient/candidate.ts";
import { type NewGraphBuilder, newGraphBuilder } from "../gradient/graph_builder.ts";
import type { Parameters } from "../gradient/steps.ts";
import {
  requireScale,
  roundByOwnScale,
  roundByTrainedScale,
  scaleFactorsOf,
} from "../gradient/trained_scale.ts";
import { addUnit, ownEncodings } from "../gradient/unit_graph.ts";
import { encodeWithBias } from "../layer.ts";
import { applyEncodings, applyWeights, type TrainedEncoding, type Tunable } from "../tunable.ts";
import { untrainedConstants } from "./trainable_layers.ts";

export type Target = {
  /** The compared value: an output, or the scores whose softmax is the output. */
  readonly name: Name;
  /** Of one sample. */
  readonly shape: Shape;
  /** Root mean square of the float network's value over all samples. */
  readonly size: number;
  /** Whether the value holds class scores, compared by their softmax; classes run along axis 1. */
  readonly areScores: boolean;
};

export type Goal = {
  readonly targets: readonly Target[];
  readonly batch: number;
  /** Shapes of the network's inputs, batch first. */
  readonly shapes: ReadonlyMap<Name, Shape>;
  /** Weight of the labels' cross-entropy by the first target; 0 without labels. */
  readonly labelWeight: number;
};

export type TrainableNetwork = {
  readonly graph: Graph;
  readonly parameters: Parameters;
  /**
   * The network with these parameters.
   * @throws RangeError if a scale has become invalid.
   */
  readonly networkOf: (states: Outputs) => Tunable;
};

export const loss = "loss";
export const labels = "labels";
/** The name under which a target is fed. */
export const targetNameOf = (name: Name) => `${name}@wanted`;

const weights = straightThroughWeights();

export function trainableNetwork(
  tunable: Tunable,
  parts: readonly UnitLayer[],
  goal: Goal,
): TrainableNetwork {
  const { graph, encodings } = tunable;
  const builder = newGraphBuilder(graph.opset);
  const parameters: Parameters = new Map();
  const trained = new Set(parts.flatMap(({ point }) => point.bias ? [point.name, point.bias] : [point.name]));
  const rounded = {
    ...tunable,
    graph: roundConstants(graph, encodings, untrainedConstants(graph, encodings, trained)),
  };
  const unit = {
    nodes: graph.nodes.map(({ outputs }) => outputs[0]),
    points: parts.map(({ point }) => point),
    inputs: graph.inputs,
    output: "",
  };
  const own = ownEncodings(rounded, unit);
  for (const encoding of own.keys()) if (!isTrainable(encoding)) own.delete(encoding);
  const partAt = (node: Name) => parts.find(({ point }) => point.node === node);
  const inputs = graph.inputs.map((name): [Name, Name] => {
    const { dtype } = graph.values.get(name)!;
    builder.input(name, { dtype, shape: goal.shapes.get(name)! });
    const encoding = encodings.get(name);
    return [name, encoding && !encoding.datatype ? roundByOwnScale(builder, name, encoding) : name];
  });
  addUnit(builder, rounded, unit, {
    inputs: new Map(inputs),
    weight(point) {
      const part = partAt(point.node);
      if (part) return weights.add(builder, part, parameters);
      return builder.constant(rounded.graph.values.get(point.name)!.constant!);
    },
    bias(point) {
      const part = partAt(point.node);
      return part ? addBias(builder, part, parameters) : "";
    },
    round: (name, encoding) => roundByTrainedScale(builder, name, encoding, own.get(encoding), parameters),
  });
  addLoss(builder, goal);
  const networkOf = (states: Outputs) => networkFrom(tunable, parts, own, states);
  return { graph: builder.graph([loss]), parameters, networkOf };
}

/** Powers of two stay as calibrated: they depend on each other across the network. */
function isTrainable({ scale }: Encoding): boolean {
  return scale.some((one) => !Number.isInteger(Math.log2(one)));
}

function roundConstants(graph: Graph, encodings: Tunable["encodings"], names: readonly Name[]): Graph {
  return withValues(
    graph,
    names.map((name) => {
      const value = graph.values.get(name)!;
      const { shape } = value.constant!;
      const constant = tensorOver(
        "float32",
        shape,
        roundTensor(floats(value.constant!), shape, encodings.get(name)!),
      );
      return [name, { ...value, constant }] as const;
    }),
  );
}

/** A trained bias, rounded if it has codes in the exported file. */
function addBias(builder: NewGraphBuilder, part: UnitLayer, parameters: Parameters): Name {
  const sum = addShiftedBias(builder, part, biasUnit(part), parameters);
  const { canChangeBias, biasEncoding } = part.layer;
  return canChangeBias && biasEncoding ? roundByOwnScale(builder, sum, biasEncoding) : sum;
}

/**
 * Typical size of the layer's accumulated sums: √K times the weights' root mean square, and an eighth of the input's
 * codes.
 */
function biasUnit({ layer: { weights, shape, axis, scaleX = 1 } }: UnitLayer): number {
  const depth = elementCount(shape) / shape[axis];
  const square = weights.reduce((sum, w) => sum + w * w, 0) / weights.length;
  return Math.max(Math.sqrt(depth * square) * scaleX * 32, smallestNormal);
}

/** The distances of all targets, and the cross-entropy of the labels by the first. */
function addLoss(builder: NewGraphBuilder, { targets, batch, labelWeight }: Goal): void {
  let total = targets.map((target) => addDistance(builder, target, batch)).reduce((a, b) =>
    builder.add("Add", [a, b])
  );
  if (labelWeight > 0) {
    const [{ name, shape: [, ...places] }] = targets;
    const wanted = builder.input(labels, { dtype: "int32", shape: [batch, ...places] });
    const entropy = builder.add("SoftmaxCrossEntropyLoss", [name, wanted], {
      ignore_index: intAttribute(-1),
      reduction: textAttribute("sum"),
    });
    total = builder.add("Add", [total, builder.add("Mul", [entropy, builder.scalar(labelWeight / batch)])]);
  }
  builder.add("Identity", [total], {}, [loss]);
}

/**
 * For scores Σ p (log p − log q), with p and q their softmax; for others Σ (ŷ − y)² over Σ y². The mean over samples.
 */
function addDistance(
  builder: NewGraphBuilder,
  { name, shape, size, areScores }: Target,
  batch: number,
): Name {
  const whole = { keepdims: intAttribute(0) };
  const wanted = builder.input(targetNameOf(name), { dtype: "float32", shape: [batch, ...shape] });
  const places = elementCount(shape.slice(1));
  if (!areScores) {
    const sum = builder.add("ReduceSumSquare", [builder.add("Sub", [name, wanted])], whole);
    return builder.add("Mul", [sum, builder.scalar(1 / (batch * elementCount(shape) * size ** 2))]);
  }
  const [q, p] = [name, wanted].map((scores) =>
    builder.add("LogSoftmax", [scores], { axis: intAttribute(1) })
  );
  const shares = builder.add("Softmax", [wanted], { axis: intAttribute(1) });
  const sum = builder.add("ReduceSum", [builder.add("Mul", [shares, builder.add("Sub", [p, q])])], whole);
  return builder.add("Mul", [sum, builder.scalar(1 / (batch * places))]);
}

function networkFrom(
  tunable: Tunable,
  parts: readonly UnitLayer[],
  own: ReadonlyMap<Encoding, readonly Name[]>,
  states: Outputs,
): Tunable {
  const activations = [...own].map(([encoding, names]): TrainedEncoding => {
    const factors = floats(states.get(scaleFactorsOf(names[0]))!);
    const scale = requireScale(encoding.scale.map((one, i) => one * factors[i]));
    return { names, encoding: { ...encoding, scale } };
  });
  const stepped = applyEncodings(tunable, activations);
  return parts.reduce((before, part): Tunable => {
    const { point, layer } = part;
    const tuned = weights.read(part, states);
    requireScale(tuned.encoding.scale);
    if (!layer.canChangeBias) return applyWeights(before, point, tuned);
    const bias = shiftedBiasFrom(part, biasUnit(part), states);
    const scaleX = layer.scaleX && stepped.encodings.get(point.input)!.scale[0];
    return applyWeights(before, point, encodeWithBias({ ...layer, scaleX }, tuned, bias));
  }, stepped);
}
