// One operator as a whole model, and its results: from ONNX Runtime on the file as written, from halftone's machines
// after the passes of every model.
import { InferenceSession, Tensor as OrtTensor } from "onnxruntime-node";
import { floatAttribute, intAttribute, intsAttribute, textAttribute } from "../../src/graph/attribute.ts";
import type { Attribute, Graph, Name, Node, Value } from "../../src/graph/graph.ts";
import { encodeModel } from "../../src/onnx/mod.ts";
import { runner } from "../../src/run/runner.ts";
import type { Machine } from "../../src/plan/machine.ts";
import { prepare } from "../../src/recipe.ts";
import { elementCount, type Shape } from "../../src/tensor/shape.ts";
import { elements, type Tensor, tensor, tensorOver, type TypedArray } from "../../src/tensor/tensor.ts";
import type { Bound } from "./agreement.ts";

export type Row = {
  readonly opType: string;
  /** Absent: ONNX's own. */
  readonly domain?: string;
  /** For the test's name. */
  readonly about: string;
  /** Floats need `float(1)`; other numbers are ints. */
  readonly attributes?: Readonly<Record<string, Attribute>>;
  readonly inputs: readonly (Tensor | undefined)[];
  /** Inputs of the model that only nested graphs read: x, numbered after those of `inputs`. */
  readonly outside?: readonly Tensor[];
  /** The inputs that are fed; the others are initializers. */
  readonly fed?: readonly number[];
  readonly opset?: number;
  /** The number of outputs: y, y1, … */
  readonly outputs?: number;
  /** The outputs of the node, if not the first ones. */
  readonly present?: readonly number[];
  readonly within: Bound;
};

export const int = intAttribute;
export const ints = intsAttribute;
export const float = floatAttribute;
export const text = textAttribute;
export const floatsOf = (value: readonly number[]): Attribute => ({ type: "floats", value });

/**
 * Multiples of 1/64 between −1 and 1 with a prime period: products are multiples of 1/4096, so sums of thousands of
 * them are exact in float32, in any order.
 */
export function dyadic(shape: Shape, seed = 1): Tensor {
  const count = elementCount(shape);
  return tensor(
    "float32",
    shape,
    Array.from({ length: count }, (_, i) => (((i + seed) * 53) % 127 - 63) / 64),
  );
}

/** Values between `low` and `high` with many digits. */
export function valuesBetween(shape: Shape, low: number, high: number, seed = 1): Tensor {
  const count = elementCount(shape);
  const part = (i: number) => (((i + seed) * 7919) % 1009) / 1008;
  return tensor("float32", shape, Array.from({ length: count }, (_, i) => low + (high - low) * part(i)));
}

export const whole = (values: readonly (number | bigint)[], shape: Shape = [values.length]): Tensor =>
  tensor("int64", shape, values);

export type Model = { readonly graph: Graph; readonly feeds: ReadonlyMap<Name, Tensor> };

export function oneNode(row: Row): Model {
  const names = row.inputs.map((input, i) => input ? `x${i}` : "");
  while (names.at(-1) === "") names.pop();
  const present = row.present ?? Array.from({ length: row.outputs ?? 1 }, (_, i) => i);
  const outputs = present.map((i) => i === 0 ? "y" : `y${i}`);
  const slots = Array.from({ length: Math.max(...present) + 1 }, (_, i) => outputs[present.indexOf(i)] ?? "");
  const node: Node = {
    opType: row.opType,
    domain: row.domain ?? "",
    name: "",
    inputs: names,
    outputs: slots,
    attributes: new Map(Object.entries(row.attributes ?? {})),
  };
  return modelOf([node], [...row.inputs, ...row.outside ?? []], row.fed ?? [0], outputs, row.opset ?? 13);
}

/** A model with inputs x0, x1, …, of which `fed` are fed and the others initializers. */
export function modelOf(
  nodes: readonly Node[],
  inputs: readonly (Tensor | undefined)[],
  fed: readonly number[],
  outputs: readonly Name[],
  opset: number,
): Model {
  const values = new Map<Name, Value>();
  const feeds = new Map<Name, Tensor>();
  inputs.forEach((input, i) => {
    if (!input) return;
    const { dtype, shape } = input;
    const arrives = fed.includes(i);
    values.set(`x${i}`, arrives ? { dtype, shape } : { dtype, shape, constant: input });
    if (arrives) feeds.set(`x${i}`, input);
  });
  const graph = { name: "rows", nodes, values, inputs: [...feeds.keys()], outputs, opset };
  return { graph, feeds };
}

/**
 * The model's results in ONNX Runtime's CPU provider; its optimizer is off by default, so that every node runs as
 * written.
 */
export async function byOnnxRuntime(
  { graph, feeds }: Model,
  options: InferenceSession.SessionOptions = { graphOptimizationLevel: "disabled" },
): Promise<Map<Name, Tensor>> {
  const session = await InferenceSession.create(encodeModel(graph), {
    logSeverityLevel: 3,
    intraOpNumThreads: 1,
    ...options,
  });
  try {
    const outputs = await session.run(
      Object.fromEntries([...feeds].map(([name, feed]) => [name, ortTensor(feed)])),
    );
    return new Map(graph.outputs.map((name) => {
      const { type, dims, data } = outputs[name];
      return [name, tensorOver(type as "float32", dims, data as TypedArray)];
    }));
  } finally {
    await session.release();
  }
}

function ortTensor(t: Tensor): OrtTensor {
  return new OrtTensor(t.dtype as "float32", elements(t) as Float32Array, [...t.shape]);
}

/** The model's results on a machine. */
export async function byMachine(
  machine: Machine,
  { graph, feeds }: Model,
): Promise<ReadonlyMap<Name, Tensor>> {
  const run = runner(machine, prepare(graph, preparedOpset));
  try {
    return await run(feeds);
  } finally {
    run.release();
  }
}

/** The opset to which every model is raised first. */
export const preparedOpset = 13;
