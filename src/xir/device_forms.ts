// How DPUs approximate operators, as vai_q_pytorch 3.5 writes it into its files
// (nndct_shared/compile/xop_creator.py): a row per operator whose result is rounded. Averages are sums times a
// fraction, hard sigmoids have 2731/16384 for 1/6.
import { floatAttribute } from "../graph/attribute.ts";
import type { Name, Node, StaticValue } from "../graph/graph.ts";
import { ints, readAttributes } from "../ops/declare/op.ts";
import { axesOf, reduceAttributes } from "../ops/reduce.ts";
import { elementCount } from "../tensor/shape.ts";
import { roundHalfEven } from "../tensor/round.ts";

/** What a row needs: shapes at batch 1, and new values, constants and Fix nodes. */
export type DeviceBuilder = {
  readonly known: (name: Name) => StaticValue | undefined;
  readonly constant: (stem: string, values: readonly number[]) => Name;
  readonly value: (stem: string) => Name;
  readonly fix: (from: Name, to: Name, position: { fix_point: number; bit_width: number }) => Node;
};

type DeviceForm = (node: Node, builder: DeviceBuilder) => readonly Node[];

/** Products of an average with this are what the device computes from the sum. */
const knownFractions: Readonly<Record<string, number>> = {
  "3x3": 9 * 7 / 64,
  "5x5": 25 * 10 / 256,
  "6x6": 36 * 7 / 256,
  "3x6": 36 * 7 / 256,
  "6x3": 36 * 7 / 256,
  "7x7": 49 * 21 / 1024,
  "14x14": 196 * 21 / 4096,
};

/** The factor of averages over a window. */
export function averageFactor(kernel: readonly number[]): number {
  return knownFractions[kernel.join("x")] ?? factorOf(elementCount(kernel));
}

/** count · f / 2^s for the first s < ⌈log2(128 · count)⌉ with f / 2^s nearest to 1 / count. */
export function factorOf(count: number): number {
  let [best, nearest] = [0, 1];
  for (let shift = 0; shift < Math.ceil(Math.log2(count * 128)); shift++) {
    const fraction = roundHalfEven(2 ** shift / count) / 2 ** shift;
    const distance = Math.abs(fraction - 1 / count);
    if (distance < nearest) [best, nearest] = [fraction, distance];
  }
  return count * best;
}

/** The slope of a DPU's leaky ReLU. */
export const leakySlope = 26 / 256;
const sixthOfDevice = 6 * 2731 / 16384;

const nameOf = ({ name, outputs }: Node) => name || outputs[0];
/** A node without attributes. */
export const plainNode = (opType: string, name: string, inputs: readonly Name[], output: Name): Node => ({
  opType,
  domain: "",
  name,
  inputs,
  outputs: [output],
  attributes: new Map(),
});

/** The node, then a product with a constant; their names are vai_q_pytorch's. */
function times(
  node: Node,
  factor: number,
  { constant, value }: DeviceBuilder,
  name = nameOf(node),
): readonly [Node, Node] {
  const before = value(`${node.outputs[0]}_i0`);
  return [
    { ...node, name: `${name}_i0`, outputs: [before] },
    plainNode("Mul", name, [before, constant(`${name}_i1`, [factor])], node.outputs[0]),
  ];
}

const windowAverage: DeviceForm = (node, builder) => {
  const { kernel_shape } = readAttributes(node, { kernel_shape: ints() });
  return times(node, averageFactor(kernel_shape), builder);
};

const globalAverage: DeviceForm = (node, builder) => {
  const size = builder.known(node.inputs[0])?.shape.slice(2);
  return size ? times(node, averageFactor(size), builder) : [node];
};

const mean: DeviceForm = (node, builder) => {
  const inputs = node.inputs.map(builder.known);
  if (!inputs[0]) return [node];
  const axes = axesOf(inputs, readAttributes(node, reduceAttributes));
  const count = elementCount(axes.map((axis) => inputs[0]!.shape[axis]));
  return Number.isInteger(Math.log2(count)) ? [node] : times(node, factorOf(count), builder);
};

const leaky: DeviceForm = (node) => [
  { ...node, attributes: new Map([["alpha", floatAttribute(leakySlope)]]) },
];

const hardSigmoid: DeviceForm = (node, builder) => times(node, sixthOfDevice, builder);

/** x times its hard sigmoid, which has eight bits, seven of them behind the point. */
const hardSwish: DeviceForm = (node, builder) => {
  const name = nameOf(node);
  const attributes = new Map([["alpha", floatAttribute(1 / 6)], ["beta", floatAttribute(0.5)]]);
  const [product, gate] = ["_mul", "_gate"].map((end) => builder.value(node.outputs[0] + end));
  const sigmoid = { ...node, opType: "HardSigmoid", attributes, outputs: [product] };
  const [first, second] = times(sigmoid, sixthOfDevice, builder, name);
  return [
    first,
    { ...second, name: `${name}_mul` },
    builder.fix(product, gate, { fix_point: 7, bit_width: 8 }),
    plainNode("Mul", name, [gate, node.inputs[0]], node.outputs[0]),
  ];
};

export const deviceForms: Readonly<Record<string, DeviceForm>> = {
  AveragePool: windowAverage,
  GlobalAveragePool: globalAverage,
  ReduceMean: mean,
  LeakyRelu: leaky,
  HardSigmoid: hardSigmoid,
  HardSwish: hardSwish,
};
