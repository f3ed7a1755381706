// Encodings of all points: activations from solved ranges, weights from their elements, biases from both.
import { within } from "../error.ts";
import { producers } from "../graph/edit.ts";
import type { Graph, Name, Node } from "../graph/graph.ts";
import { findOp } from "../ops/table.ts";
import { floats } from "../tensor/tensor.ts";
import { encodeBias } from "./bias.ts";
import { adjustShifts } from "./shifts.ts";
import { diffsOfElements } from "./shrink_range.ts";
import { type Encoding, encodingOf, isFloat, type Range, type Scheme } from "./encoding.ts";
import type { Points } from "./points.ts";
import type { Target } from "./target.ts";
import { encodeWeights, type WeightMethod } from "./weights.ts";

/** Encodings of all points by value name. Carried values share their source's encoding object. */
export function encodeAll(
  graph: Graph,
  points: Points,
  ranges: ReadonlyMap<Name, Range>,
  target: Target,
  weightMethod: WeightMethod,
  overrides: Overrides = new Map(),
): Map<Name, Encoding> {
  const encodings = new Map<Name, Encoding>();
  for (const name of points.activations) {
    const own = overrides.get(name);
    const range = own?.range ?? ranges.get(name)!;
    const scheme = { ...target.activations, ...own?.scheme };
    if (!isFloat(scheme)) encodings.set(name, encodingOf(range, scheme));
  }
  for (const [name, source] of points.encodedBy) {
    const encoding = encodings.get(source);
    if (encoding) encodings.set(name, encoding);
  }
  for (const { name, axis } of [...points.weights, ...points.tables]) {
    const { shape, values } = floatsOf(graph, name);
    const own = overrides.get(name);
    const along = own?.perChannel ?? target.perChannel ? axis : undefined;
    const method = own?.range ? () => own.range! : own?.weightMethod ?? weightMethod;
    const scheme = { ...target.weights, ...own?.scheme };
    if (isFloat(scheme)) continue;
    const encode = () =>
      own?.channelRanges
        ? encodingOf(own.channelRanges, scheme, along)
        : encodeWeights(values, shape, scheme, along, method);
    encodings.set(name, within(`weight "${name}"`, encode));
  }
  encodeBiases(graph, points, (name) => biasOf(target, overrides.get(name)), encodings);
  return target.shifts ? adjustShifts(graph, points, encodings, target.shifts) : encodings;
}

/** Settings of one tensor that replace the target's. */
export type Override = {
  readonly scheme?: Partial<Scheme>;
  readonly perChannel?: boolean;
  readonly range?: Range;
  /** Of the channels of a weight that is quantized per channel. */
  readonly channelRanges?: readonly Range[];
  /** Of a weight. */
  readonly weightMethod?: WeightMethod;
};
export type Overrides = ReadonlyMap<Name, Override>;

function biasOf({ bias, weights, shifts }: Target, own: Override | undefined): Target["bias"] {
  const { scheme } = own ?? {};
  if (scheme?.datatype === "float32") return "float";
  if (scheme?.datatype === "float16" || scheme?.datatype === "bfloat16") {
    return { bits: 16, signed: true, symmetric: true, datatype: scheme.datatype };
  }
  if (typeof bias === "object" && bias.datatype === undefined) return { ...bias, ...scheme };
  // Quantized although other biases are not.
  if (scheme?.datatype === "int") return shifts ? { ...weights, ...scheme } : "sum";
  return bias;
}

function encodeBiases(
  graph: Graph,
  points: Points,
  kindOf: (bias: Name) => Target["bias"],
  encodings: Map<Name, Encoding>,
): void {
  const makers = producers(graph);
  const withCodes = (name: Name) => {
    const encoding = encodings.get(name);
    return encoding && encoding.datatype === undefined ? encoding : undefined;
  };
  for (const { name, node, input, bias: own } of points.weights) {
    const bias = own ?? floatBias(graph, makers.get(node)!);
    if (!bias) continue;
    const kind = own ? kindOf(own) : "float";
    const { shape, values } = floatsOf(graph, bias);
    const context = `bias "${bias}"`;
    if (typeof kind === "object") {
      encodings.set(
        bias,
        within(context, () => encodeWeights(values, shape, kind, undefined, diffsOfElements)),
      );
      continue;
    }
    const [x, weight] = [withCodes(input), withCodes(name)];
    // Sums have no common unit if factors are floats, or if groups share channels of several scales.
    if (!x || !weight || ![1, values.length].includes(weight.scale.length)) continue;
    const encoded = within(context, () => encodeBias(values, x.scale[0], weight));
    encodings.set(name, encoded.weight);
    // ONNX Runtime quantizes a float bias itself (WeightBiasQuantization), also for its other providers.
    if (kind === "float") continue;
    encodings.set(bias, {
      scale: encoded.scale,
      zeroPoint: new Int32Array(encoded.scale.length),
      bits: 32,
      signed: true,
      ...(encoded.scale.length > 1 ? { axis: 0 } : {}),
    });
  }
}

/** A constant row that the layer adds but that is not a point, because it has not one number per weight scale. */
function floatBias({ values }: Graph, { inputs, ...node }: Node): Name | undefined {
  const role = findOp(node)?.role;
  const bias = role?.kind === "computes" ? inputs[role.bias ?? -1] : undefined;
  return bias && values.get(bias)?.constant?.shape.length === 1 ? bias : undefined;
}

function floatsOf(graph: Graph, name: Name) {
  const { constant } = graph.values.get(name)!;
  return { shape: constant!.shape, values: floats(constant!) };
}
