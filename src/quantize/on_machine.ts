// Quantizes a tensor on the host or on a machine: codes = round(clip(x · scale)), values = codes / scale.
import type { Graph, Node, Value } from "../graph/graph.ts";
import { planFor } from "../passes/specialize.ts";
import type { Machine } from "../plan/machine.ts";
import type { Shape } from "../tensor/shape.ts";
import { elements, floats, type Tensor, tensor } from "../tensor/tensor.ts";
import {
  codeEnds,
  groupsOf,
  type QuantizedTensor,
  quantizeWithin,
  scaleWithin,
  type TensorQuantization,
} from "./tensor_functions.ts";

/**
 * Codes of a tensor within ±amax, as NVIDIA's `quantize` gives them: code = round(x · scale), scale = (2^(bits−1) − 1)
 * / amax. On the host, or on a machine.
 * @throws RangeError for bits, shape, amax and elements that do not fit each other.
 *
 * ```ts
 * const { codes, scale } = await quantizeTensor(Float32Array.of(0.5, -1), { bits: 8 }); // [64, -127], 127
 * ```
 */
export async function quantizeTensor(
  x: Float32Array,
  options: TensorQuantization = {},
  machine?: Machine,
): Promise<Pick<QuantizedTensor, "codes" | "scale">> {
  const { codes, scale } = await codesAndValues(x, options, machine);
  return { codes, scale };
}

/**
 * The values of the codes of `quantizeTensor`.
 *
 * ```ts
 * await fakeQuantizeTensor(Float32Array.of(0.5, -1), { bits: 8 }); // [0.5039…, -1]
 * ```
 */
export async function fakeQuantizeTensor(
  x: Float32Array,
  options: TensorQuantization = {},
  machine?: Machine,
): Promise<Float32Array> {
  return (await codesAndValues(x, options, machine)).values;
}

/** Both, of one computation. */
export async function codesAndValues(
  x: Float32Array,
  options: TensorQuantization,
  machine?: Machine,
): Promise<QuantizedTensor> {
  return machine ? await quantizeOn(machine, x, options) : quantizeWithin(x, options);
}

/** `quantizeWithin` on a machine; amax and checks run on the host. Values may differ in the last bit. */
async function quantizeOn(
  machine: Machine,
  x: Float32Array,
  options: TensorQuantization,
): Promise<QuantizedTensor> {
  const scale = scaleWithin(x, options);
  if (x.length === 0) return { codes: new Int32Array(), scale, values: new Float32Array() };
  const { shape, scaleShape } = groupsOf(x, options);
  const plan = planFor(
    graphFor(shape, scaleShape, scale, options),
    new Map([["x", shape]]),
    undefined,
    machine.limits,
  );
  try {
    const outputs = await machine.run(plan, new Map([["x", tensor("float32", shape, x)]]));
    const codes = Int32Array.from(elements(outputs.get("codes")!) as Int16Array);
    return { codes, scale, values: floats(outputs.get("values")!).slice() };
  } finally {
    machine.release(plan);
  }
}

function graphFor(shape: Shape, scaleShape: Shape, scale: Float32Array, options: TensorQuantization): Graph {
  const one = (value: number) => tensor("float32", [], [value]);
  const [low, high] = codeEnds(options);
  const type = options.unsigned ? "uint16" : "int16";
  // All-zero channels have no finite scale: multiply by 0, divide by 1.
  const scales = (dead: number) =>
    tensor("float32", scaleShape, scale.map((unit) => unit === Infinity ? dead : unit));
  const constants: Record<string, Tensor> = {
    units: scales(0),
    divisors: scales(1),
    low: one(low),
    high: one(high),
    step: one(1),
    zero: tensor(type, [], [0]),
  };
  const nodes = [
    node("Mul", ["x", "units"], "scaled"),
    node("Clip", ["scaled", "low", "high"], "held"),
    node("QuantizeLinear", ["held", "step", "zero"], "codes"),
    node("DequantizeLinear", ["codes", "step", "zero"], "whole"),
    node("Div", ["whole", "divisors"], "values"),
  ];
  const values = new Map<string, Value>([["x", { dtype: "float32", shape }]]);
  for (const [name, constant] of Object.entries(constants)) {
    values.set(name, { dtype: constant.dtype, shape: constant.shape, constant });
  }
  return { name: "quantize", nodes, values, inputs: ["x"], outputs: ["codes", "values"], opset: 21 };
}

function node(opType: string, inputs: readonly string[], output: string): Node {
  return { opType, domain: "", name: output, inputs, outputs: [output], attributes: new Map() };
}
