// Windows over one to three axes and products of random shapes and attributes: convolutions, their transposes, pools,
// batched products and equations.
import fc from "fast-check";
import type { Attribute, Node } from "../../src/graph/graph.ts";
import type { Shape } from "../../src/tensor/shape.ts";
import type { Tensor } from "../../src/tensor/tensor.ts";
import { node } from "../passes/network.ts";
import { int, ints, type Model, modelOf, text, valuesBetween } from "./one_node.ts";

type Attributes = Record<string, Attribute>;
const between = (min: number, max: number) => fc.integer({ min, max });

/** One axis of a window: its size, and what slides over it. */
const axis = fc.record({
  size: between(1, 9),
  kernel: between(1, 3),
  stride: between(1, 3),
  dilation: between(1, 2),
  before: between(0, 2),
  after: between(0, 2),
  extra: between(0, 2),
});
type Axis = { [K in "size" | "kernel" | "stride" | "dilation" | "before" | "after" | "extra"]: number };

const slid = fc.record({
  images: between(1, 2),
  channels: between(1, 6),
  filters: between(1, 5),
  group: between(1, 3),
  axes: fc.array(axis, { minLength: 1, maxLength: 3 }),
  auto: fc.constantFrom("NOTSET", "NOTSET", "NOTSET", "VALID", "SAME_UPPER", "SAME_LOWER"),
  flag: fc.boolean(),
  ceil: between(0, 1),
  kind: fc.nat({ max: 2 }),
});
type Slid = {
  images: number;
  channels: number;
  filters: number;
  group: number;
  axes: Axis[];
  auto: string;
  flag: boolean;
  ceil: number;
  kind: number;
};

const reach = ({ kernel, dilation }: Axis) => (kernel - 1) * dilation + 1;
const sizes = ({ axes }: Slid) => axes.map(({ size }) => size);
const listOf = (axes: readonly Axis[], key: keyof Axis) => ints(axes.map((one) => one[key]));

function windowOf({ axes, auto }: Slid): Attributes {
  const pads = ints([...axes.map(({ before }) => before), ...axes.map(({ after }) => after)]);
  return {
    strides: listOf(axes, "stride"),
    dilations: listOf(axes, "dilation"),
    ...(auto === "NOTSET" ? { pads } : { auto_pad: text(auto) }),
  };
}

/** Big enough for one whole window. */
function fits({ axes, auto }: Slid): boolean {
  const paddedSize = ({ size, before, after }: Axis) => size + (auto === "NOTSET" ? before + after : 0);
  return axes.every((one) => auto.startsWith("SAME") || paddedSize(one) >= reach(one));
}

/** Nodes that follow a convolution in any layout: a function, a join, a change of shape. */
const tail = [node("Sigmoid c > s"), node("Add c s > a"), node("Concat a c > y", { axis: int(1) })];

function convolution(drawn: Slid): Model | undefined {
  if (!fits(drawn)) return undefined;
  const { images, group, filters, channels, axes } = drawn;
  const weights = [filters * group, channels, ...axes.map(({ kernel }) => kernel)];
  const inputs = [
    valuesBetween([images, channels * group, ...sizes(drawn)], -1, 1),
    valuesBetween(weights, -1, 1, 4),
    ...(drawn.flag ? [valuesBetween([filters * group], -1, 1, 7)] : []),
  ];
  const conv = node(`Conv x0 x1${drawn.flag ? " x2" : ""} > c`, { ...windowOf(drawn), group: int(group) });
  return modelOf([conv, ...tail], inputs, [0], ["y"], 22);
}

function transposeModel(drawn: Slid): Model | undefined {
  const { images, group, filters, channels, axes } = drawn;
  const auto = drawn.auto;
  const padded = (one: Axis) => auto === "NOTSET" ? one.before + one.after : 0;
  const out = axes.map((one) => (one.size - 1) * one.stride + reach(one) - padded(one));
  // ONNX Runtime deviates from ONNX for SAME with kernels smaller than the stride.
  const same = auto.startsWith("SAME") && axes.some((one) => reach(one) < one.stride);
  if (same || out.some((size) => size < 1)) return undefined;
  const extra = axes.map(({ extra, stride }) => Math.min(extra, stride - 1));
  const inputs = [
    valuesBetween([images, channels * group, ...sizes(drawn)], -1, 1),
    valuesBetween([channels * group, filters, ...axes.map(({ kernel }) => kernel)], -1, 1, 4),
    ...(drawn.flag ? [valuesBetween([filters * group], -1, 1, 7)] : []),
  ];
  const conv = node(`ConvTranspose x0 x1${drawn.flag ? " x2" : ""} > c`, {
    ...windowOf(drawn),
    group: int(group),
    ...(auto === "NOTSET" ? { output_padding: ints(extra) } : {}),
  });
  return modelOf([conv, ...tail], inputs, [0], ["y"], 22);
}

function pool(drawn: Slid): Model | undefined {
  // A window of padding alone has no maximum.
  const sees = ({ before, after, kernel, dilation, size }: Axis) =>
    before < kernel && after < kernel && dilation <= size;
  // ONNX Runtime crops inputs for SAME with kernels smaller than the stride, and rounds sizes up differently from
  // ONNX.
  const same = drawn.auto.startsWith("SAME") && drawn.axes.some((one) => reach(one) < one.stride);
  if (same || (drawn.ceil && drawn.auto !== "NOTSET")) return undefined;
  if (!fits(drawn) || !drawn.axes.every(sees)) return undefined;
  const opType = ["MaxPool", "AveragePool", "LpPool"][drawn.kind];
  const more: Attributes = opType === "AveragePool" ? { count_include_pad: int(Number(drawn.flag)) } : {};
  const order: Attributes = opType === "MaxPool" ? { storage_order: int(Number(drawn.flag)) } : {};
  const attributes = {
    ...windowOf(drawn),
    kernel_shape: listOf(drawn.axes, "kernel"),
    ceil_mode: int(drawn.ceil),
    ...more,
    ...order,
  };
  const x = valuesBetween([drawn.images, drawn.channels, ...sizes(drawn)], -1, 1);
  const outputs = opType === "MaxPool" ? ["y", "at"] : ["y"];
  return modelOf([node(`${opType} x0 > ${outputs.join(" ")}`, attributes)], [x], [0], outputs, 22);
}

const batched = fc.record({
  batches: fc.array(between(1, 3), { maxLength: 3 }),
  left: fc.nat({ max: 15 }),
  right: fc.nat({ max: 15 }),
  rows: between(1, 7),
  depth: between(1, 9),
  columns: between(1, 7),
}).map(({ batches, left, right, rows, depth, columns }) => {
  // The bits of `left` and `right` say which batch axes are not broadcast; leading ones may be absent.
  const part = (bits: number) => {
    const shape = batches.map((size, i) => bits >> i & 1 ? size : 1);
    return bits & 8 ? shape.slice(shape.findIndex((size) => size !== 1)) : shape;
  };
  const a = valuesBetween([...part(left), rows, depth], -1, 1);
  const b = valuesBetween([...part(right), depth, columns], -1, 1, 4);
  return modelOf([node("MatMul x0 x1 > y")], [a, b], [0, 1], ["y"], 13);
});

const labels = ["a", "b", "c", "d", "e"];
const equations = fc.record({
  sizes: fc.array(between(1, 4), { minLength: 5, maxLength: 5 }),
  operands: fc.array(fc.array(fc.nat({ max: 4 }), { minLength: 1, maxLength: 4 }), {
    minLength: 1,
    maxLength: 3,
  }),
  wanted: fc.uniqueArray(fc.nat({ max: 4 }), { maxLength: 4 }),
  implied: fc.boolean(),
}).map(({ sizes, operands, wanted, implied }) => {
  const inputs: Tensor[] = operands.map((own, i) =>
    valuesBetween(own.map((label) => sizes[label]) as Shape, -1, 1, i + 1)
  );
  const output = wanted.filter((label) => operands.flat().includes(label)).map((label) => labels[label]).join(
    "",
  );
  const written = operands.map((own) => own.map((label) => labels[label]).join("")).join(",");
  const equation = implied ? written : `${written}->${output}`;
  const einsum: Node = node(`Einsum ${inputs.map((_, i) => `x${i}`).join(" ")} > y`, {
    equation: text(equation),
  });
  return modelOf([einsum], inputs, inputs.map((_, i) => i), ["y"], 13);
});

/** ONNX Runtime has no dilations with SAME. */
function withoutDilations(drawn: Slid): Slid {
  if (!drawn.auto.startsWith("SAME")) return drawn;
  return { ...drawn, axes: drawn.axes.map((one) => ({ ...one, dilation: 1 })) };
}

const sliding = (build: (drawn: Slid) => Model | undefined) =>
  slid.map(withoutDilations).map(build).filter((model): model is Model => model !== undefined);

export const randomModels: readonly { family: string; models: fc.Arbitrary<Model> }[] = [
  { family: "convolution", models: sliding(convolution) },
  { family: "transposed convolution", models: sliding(transposeModel) },
  { family: "pool", models: sliding(pool) },
  { family: "batched product", models: batched },
  { family: "equation", models: equations },
];
