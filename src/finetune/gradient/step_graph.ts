// The graph of one training step on a unit: its nodes over trained weights, the distance to its target output, and the
// penalty. With drops (QDrop, arXiv 2203.05740), each element of the unit's inputs and of each value rounded inside
// stays unrounded with probability one half.
import { intAttribute } from "../../graph/attribute.ts";
import type { Graph, Name } from "../../graph/graph.ts";
import type { Outputs } from "../../plan/machine.ts";
import type { Encoding } from "../../quantize/encoding.ts";
import type { WeightPoint } from "../../quantize/points.ts";
import { floats } from "../../tensor/tensor.ts";
import { encodeWithBias } from "../layer.ts";
import type { LayerWeights, TrainedEncoding } from "../tunable.ts";
import { addShiftedBias, shiftedBiasFrom } from "./bias_shift.ts";
import { type Candidate, targetName, type UnitLayer, type UnitTask } from "./candidate.ts";
import { type NewGraphBuilder, newGraphBuilder } from "./graph_builder.ts";
import type { Samples } from "./samples.ts";
import type { Parameters } from "./steps.ts";
import { requireScale, roundByTrainedScale, scaleFactorsOf } from "./trained_scale.ts";
import { addUnit, ownEncodings } from "./unit_graph.ts";
import type { Weights } from "./weights.ts";

export type StepGraph = {
  readonly graph: Graph;
  readonly parameters: Parameters;
  /** The unit with these parameters. */
  readonly candidate: (states: Outputs) => Candidate;
};

export type StepDesign = {
  readonly weights: Weights;
  readonly drops: boolean;
  /** Whether scales of values inside the unit are trained (LSQ, arXiv 1902.08153). */
  readonly trainsScales: boolean;
  readonly batch: number;
  /** Initial Σ (y − ŷ)² over all samples; losses are relative to it. */
  readonly before: number;
};

export const loss = "loss";
/** One int32 that differs in each step. */
export const dropSeed = "drop seed";
/** The sample tensor that holds an input of the unit as the float network computes it. */
export const floatNameOf = (name: Name) => `${name}@float`;

export function stepGraph(
  { tunable, unit, parts, samples }: UnitTask,
  design: StepDesign,
): StepGraph {
  const builder = newGraphBuilder(tunable.graph.opset);
  const parameters: Parameters = new Map();
  const own = design.trainsScales ? ownEncodings(tunable, unit) : new Map<Encoding, Name[]>();
  const feed = (name: Name) => {
    const { dtype, shape } = samples.values.get(name)!;
    return builder.input(name, { dtype, shape: shape.with(0, design.batch) });
  };
  const drop = dropper(builder, design.drops);
  const inputs = new Map(
    unit.inputs.map((name) => [name, design.drops ? drop(feed(name), feed(floatNameOf(name))) : feed(name)]),
  );
  const target = feed(targetName);
  const bySize = biasUnit(samples);
  const partAt = (point: WeightPoint) => parts.find((part) => part.point.node === point.node)!;
  addUnit(builder, tunable, unit, {
    inputs,
    weight: (point) => design.weights.add(builder, partAt(point), parameters),
    bias: (point) => addShiftedBias(builder, partAt(point), bySize, parameters),
    round: (name, encoding) =>
      drop(roundByTrainedScale(builder, name, encoding, own.get(encoding), parameters), name),
  });
  const difference = builder.add("Sub", [unit.output, target]);
  const error = builder.add("ReduceSumSquare", [difference], { keepdims: intAttribute(0) });
  const share = builder.add("Mul", [error, builder.scalar(samples.count / design.batch / design.before)]);
  const penalty = design.weights.penalty?.(builder);
  builder.add(penalty ? "Add" : "Identity", penalty ? [share, penalty] : [share], {}, [loss]);
  const candidate = (states: Outputs) => candidateOf(parts, own, design.weights, bySize, states);
  return { graph: builder.graph([loss]), parameters, candidate };
}

/** Picks one of two values, element by element. */
function dropper(builder: NewGraphBuilder, drops: boolean) {
  let stream = 0;
  return (rounded: Name, instead: Name): Name => {
    if (!drops) return rounded;
    const seed = builder.input(dropSeed, { dtype: "int32", shape: [1] });
    const mask = builder.add("RandomMask", [rounded, seed], { stream: intAttribute(++stream) });
    return builder.add("Add", [instead, builder.add("Mul", [mask, builder.add("Sub", [rounded, instead])])]);
  };
}

function biasUnit({ values }: Samples): number {
  const y = floats(values.get(targetName)!);
  return Math.sqrt(y.reduce((sum, v) => sum + v * v, 0) / y.length);
}

function candidateOf(
  parts: readonly UnitLayer[],
  own: ReadonlyMap<Encoding, readonly Name[]>,
  weights: Weights,
  bySize: number,
  states: Outputs,
): Candidate {
  const activations = [...own].map(([encoding, names]): TrainedEncoding => {
    const [step] = floats(states.get(scaleFactorsOf(names[0]))!);
    return { names, encoding: { ...encoding, scale: encoding.scale.map((one) => one * step) } };
  });
  const layers = parts.map(({ point, layer }): [Name, LayerWeights] => {
    const tuned = weights.read({ point, layer }, states);
    requireScale(tuned.encoding.scale);
    if (!layer.canChangeBias) return [point.node, tuned];
    const bias = shiftedBiasFrom({ point, layer }, bySize, states);
    const input = activations.find(({ names }) => names.includes(point.input));
    const scaleX = layer.scaleX && (input?.encoding.scale[0] ?? layer.scaleX);
    return [point.node, encodeWithBias({ ...layer, scaleX }, tuned, bias)];
  });
  for (const { encoding } of activations) requireScale(encoding.scale);
  return { layers: new Map(layers), activations };
}
