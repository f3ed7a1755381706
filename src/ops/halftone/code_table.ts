// Elementwise functions of codes: a code has 256 values, so the function is a table, which the host fills with the
// float operator. ONNX Runtime does so for Sigmoid and LeakyRelu and computes others in float.
import { intAttribute, tensorAttribute } from "../../graph/attribute.ts";
import { constant } from "../../graph/edit.ts";
import { type Attribute, type Graph, internalDomain, type Name, type Node } from "../../graph/graph.ts";
import { call } from "../../kernels/kernel.ts";
import { qtable, tableNumbers } from "../../kernels/qtable.ts";
import { type DType, dtypes } from "../../tensor/dtype.ts";
import { roundHalfEven } from "../../tensor/round.ts";
import { elements, tensorOver } from "../../tensor/tensor.ts";
import { packing } from "../lowering/layout.ts";
import { isByte } from "../declare/on_codes.ts";
import {
  type Coded,
  int,
  type OnCodes,
  type Op,
  op,
  type Operand,
  requireInput,
  tensorOf,
} from "../declare/op.ts";
import { codingNumbers } from "../quantize.ts";
import { packsAlike } from "../lowering/requantize.ts";
import { everyElement } from "../declare/part_axes.ts";

const { fround } = Math;

/**
 * Maps codes by `table`, which holds the packed byte for −128, −127, … as int32; only integer_form writes this
 * operator.
 */
export const CodeTable = op({
  domain: internalDomain,
  attributes: { table: tensorOf(), to: int() },
  types: "numbers",
  role: { kind: "resists" },
  planning: { partAxes: everyElement, arrange: packsAlike() },
  infer: (inputs, { to }) => [{ dtype: dtypes[to], shape: requireInput(inputs, 0).shape }],
  lower({ inputs, outputs: [y], constant }, { table }) {
    const [x] = inputs as Operand[];
    const { rows, blocks } = packing(x);
    const buffers = { x: x.buffer, table: constant(elements(table) as Int32Array), y: y.buffer };
    return [call(qtable, buffers, tableNumbers(rows * blocks))];
  },
});

/** The integer form of an elementwise operator of one input. */
export function tableOnCodes(float: () => Op): OnCodes {
  return ([x, ...others], y, node, graph) => {
    if (!x || others.length > 0 || !isByte(x) || x.axis !== undefined) return undefined;
    const table = tableOf(float(), node, linear(graph, x), linear(graph, y));
    if (!table) return undefined;
    const attributes = new Map(Object.entries(tableAttributes(table, y.dtype)));
    return { opType: "CodeTable", domain: internalDomain, inputs: [x.codes], attributes };
  };
}

export function tableAttributes(table: Int32Array, to: DType): Record<string, Attribute> {
  return {
    table: tensorAttribute(tensorOver("int32", [256], table)),
    to: intAttribute(dtypes.indexOf(to)),
  };
}

type Linear = { readonly scale: number; readonly zero: number };

function linear(graph: Graph, { dtype, scale, zeroPoint }: Coded): Linear {
  const scalarOf = (name: Name) => ({ dtype, shape: [], constant: constant(graph, name) });
  return codingNumbers(dtype, scalarOf(scale), zeroPoint ? scalarOf(zeroPoint) : undefined);
}

/** Undefined if the function is NaN for some code. */
export function tableOf(float: Op, node: Node, from: Linear, to: Linear): Int32Array | undefined {
  const x = Float32Array.from({ length: 256 }, (_, i) => (i - 128 - from.zero) * from.scale);
  const y = valuesOf(float, node, x);
  if (y.some(Number.isNaN)) return undefined;
  return Int32Array.from(y, (value) => {
    const code = roundHalfEven(fround(value / to.scale)) + to.zero;
    return Math.min(Math.max(code, -128), 127);
  });
}

/** Evaluates the operator by its kernel's definition. */
function valuesOf(float: Op, node: Node, x: Float32Array): Float32Array {
  const operand = (buffer: string): Operand => ({
    buffer,
    dtype: "float32",
    shape: [x.length],
    layout: "plain",
  });
  const none = (): never => {
    throw new Error(`Invariant: ${node.opType} is not elementwise`);
  };
  const y = new Float32Array(x.length);
  const lowering = { inputs: [operand("x")], outputs: [operand("y")], scratch: none, constant: none };
  for (const { kernel, numbers } of float.lower!(lowering, node)) kernel.reference({ x, y }, numbers);
  return y;
}
