// Files that halftone writes, run by an interpreter of XIR's definitions, against the reference machine.
import assert from "node:assert/strict";
import test from "node:test";
import { floatAttribute, intAttribute, intsAttribute, textAttribute } from "../../src/graph/attribute.ts";
import type { Attribute, Graph, Node } from "../../src/graph/graph.ts";
import { calibrate, exportAs, quantize } from "../../src/mod.ts";
import { referenceMachine } from "../../src/plan/interpret.ts";
import { prepare } from "../../src/recipe.ts";
import { type Tensor, tensor } from "../../src/tensor/tensor.ts";
import { fill, network, node } from "../passes/network.ts";
import { differencesOf } from "./agreement.ts";

const whole = (...values: number[]) => tensor("int64", [values.length], values);
const scales = (...values: number[]) => tensor("float32", [values.length], values);
const one = (value: number) => tensor("float32", [], [value]);

/** Nodes behind a convolution whose result "c" is [1, 4, 6, 5]; they make "y". */
function behind(nodes: readonly Node[], constants: Record<string, Tensor> = {}, opset = 13): Graph {
  const conv = node("Conv x w > c", { pads: intsAttribute([1, 1, 1, 1]) });
  return network(
    [conv, ...nodes],
    { x: [1, 3, 6, 5] },
    { w: fill([4, 3, 3, 3]), ...constants },
    ["y"],
    opset,
  );
}
const single = (line: string, attributes: Record<string, Attribute> = {}, constants = {}, opset = 13) =>
  behind([node(line, attributes)], constants, opset);

const window = { kernel_shape: intsAttribute([3, 2]), strides: intsAttribute([2, 1]) };
const padded = { ...window, pads: intsAttribute([1, 0, 1, 1]) };
const resizing = (mode: string, transform: string) => ({
  mode: textAttribute(mode),
  coordinate_transformation_mode: textAttribute(transform),
});
const doubled = { none: scales(), s: scales(1, 1, 2, 2) };

const graphs: Readonly<Record<string, Graph>> = {
  "strides, dilations, unequal pads": single("Conv c v b > y", {
    strides: intsAttribute([2, 1]),
    dilations: intsAttribute([1, 2]),
    pads: intsAttribute([1, 2, 0, 1]),
  }, { v: fill([7, 4, 2, 3], 3), b: fill([7]) }),
  groups: single("Conv c v > y", { group: intAttribute(2) }, { v: fill([6, 2, 3, 3], 4) }),
  "depthwise with two results per channel": single("Conv c v b > y", { group: intAttribute(4) }, {
    v: fill([8, 1, 3, 2], 4),
    b: fill([8]),
  }),
  transposed: single("ConvTranspose c v b > y", {
    strides: intsAttribute([2, 3]),
    pads: intsAttribute([1, 0, 0, 1]),
  }, { v: fill([4, 5, 3, 4], 4), b: fill([5]) }),
  "transposed, output_padding": single("ConvTranspose c v > y", {
    strides: intsAttribute([2, 2]),
    pads: intsAttribute([1, 1, 1, 1]),
    output_padding: intsAttribute([1, 1]),
  }, { v: fill([4, 5, 3, 3], 4) }),
  "transposed depthwise": single("ConvTranspose c v > y", {
    strides: intsAttribute([2, 2]),
    group: intAttribute(4),
  }, { v: fill([4, 1, 3, 2], 4) }),
  "a maximum pool": single("MaxPool c > y", padded),
  "a maximum pool that rounds up": single("MaxPool c > y", { ...window, ceil_mode: intAttribute(1) }),
  "an average pool without its pads": single("AveragePool c > y", padded),
  "an average pool with its pads": single("AveragePool c > y", {
    ...padded,
    count_include_pad: intAttribute(1),
  }),
  "a global average, a matrix": behind(
    [node("GlobalAveragePool c > g"), node("Flatten g > f"), node("Gemm f v b > y")],
    { v: fill([4, 3]), b: fill([3]) },
  ),
  "columns of weights follow the layout": behind(
    [
      node("Relu c > r"),
      node("Flatten r > f"),
      node("Gemm f v > h", { transB: intAttribute(1) }),
      node("Relu h > y"),
    ],
    { v: fill([3, 120]) },
  ),
  "a flattened map that is also an output": behind([
    node("Flatten c > f"),
    node("MatMul f v > z"),
    node("Add z f > y"),
  ], {
    v: fill([120, 120]),
  }),
  "constants per channel, per element, scalar": behind(
    [node("Mul c k > a"), node("Add m a > d"), node("Div d s > e"), node("Sub e r > y")],
    { k: fill([4, 1, 1]), m: fill([1, 4, 6, 5]), s: one(3), r: fill([5]) },
  ),
  "a matrix beside a map": behind([
    node("ReduceMean c > m", { axes: intsAttribute([1]), keepdims: intAttribute(0) }),
    node("Squeeze m zero > q"),
    node("Mul c q > y"),
  ], { zero: whole(0) }),
  concat: behind([node("Sigmoid c > s"), node("Concat s k c > y", { axis: intAttribute(2) })], {
    k: fill([1, 4, 2, 5]),
  }),
  softmax: single("Softmax c > y", { axis: intAttribute(1) }),
  "functions": behind(
    [
      node("LeakyRelu c > a", { alpha: floatAttribute(0.1) }),
      node("Tanh a > b"),
      node("Elu b > d"),
      node("Celu d > e", { alpha: floatAttribute(2) }),
      node("HardSigmoid e > f", { alpha: floatAttribute(1 / 6) }),
      node("Exp f > g"),
      node("Neg g > h"),
      node("HardSwish h > i"),
      node("PRelu i p > y"),
    ],
    { p: fill([4, 1, 1]) },
    14,
  ),
  clips: behind([node("Clip c zero six > a"), node("Clip a low high > d"), node("Clip d zero > y")], {
    zero: one(0),
    six: one(6),
    low: one(-0.3),
    high: one(0.4),
  }),
  "a normalization that nothing absorbs": single("BatchNormalization c g b m v > y", {}, {
    g: fill([4]),
    b: fill([4], 2),
    m: fill([4], 3),
    v: fill([4], 4, 0.5, 2),
  }),
  "a transposition and back": behind([
    node("Transpose c > t", { perm: intsAttribute([0, 2, 1, 3]) }),
    node("Reshape t to > r"),
    node("Conv r v > y"),
  ], { to: whole(1, 4, 5, 6), v: fill([2, 4, 1, 1]) }),
  "a shuffle of channels": behind([
    node("Reshape c five > r"),
    node("Transpose r > t", { perm: intsAttribute([0, 2, 1, 3, 4]) }),
    node("Reshape t four > f"),
    node("Conv f v > y"),
  ], { five: whole(1, 2, 2, 6, 5), four: whole(1, 4, 6, 5), v: fill([2, 4, 1, 1]) }),
  "slices, splits, pads": behind([
    node("Slice c start end axes steps > s"),
    node("Split s > a b", { axis: intAttribute(1) }),
    node("Pad a pads v > p"),
    node("Pad b pads > q", { mode: textAttribute("reflect") }),
    node("Add p q > y"),
  ], {
    start: whole(0, -5),
    end: whole(4, 100),
    axes: whole(1, 2),
    steps: whole(1, 2),
    pads: whole(0, 0, 1, 2, 0, 0, 0, 1),
    v: one(0.5),
  }),
  "nearest pixels": single("Resize c none s > y", resizing("nearest", "half_pixel"), doubled),
  "nearest pixels to another size": single("Resize c none none sizes > y", {
    ...resizing("nearest", "asymmetric"),
    nearest_mode: textAttribute("floor"),
  }, { none: scales(), sizes: whole(1, 4, 11, 7) }),
  "bilinear, half pixels": single("Resize c none s > y", resizing("linear", "half_pixel"), doubled),
  "bilinear, corners": single("Resize c none s > y", resizing("linear", "align_corners"), doubled),
  "bilinear, asymmetric": single("Resize c none s > y", resizing("linear", "asymmetric"), doubled),
  "depth to space": single("DepthToSpace c > y", { blocksize: intAttribute(2), mode: textAttribute("CRD") }),
  "reductions": behind([
    node("ReduceMax c > a", { axes: intsAttribute([2]) }),
    node("ReduceSum a axes > b", { keepdims: intAttribute(0) }),
    node("ReduceMean b > y", { axes: intsAttribute([0]) }),
  ], { axes: whole(3) }),
  "the largest": behind([
    node("ArgMax c > i", { axis: intAttribute(1), keepdims: intAttribute(0) }),
    node("Cast i > y", {
      to: intAttribute(1),
    }),
  ]),
  "products of two values": behind([
    node("Reshape c to > r"),
    node("Transpose r > t", { perm: intsAttribute([0, 2, 1]) }),
    node("MatMul r t > y"),
  ], { to: whole(1, 4, 30) }),
};

for (const [title, graph] of Object.entries(graphs)) {
  test(`the interpreter computes what the reference machine does: ${title}`, async () => {
    const { differing, elements, largest } = await differencesOf(graph);
    // Both add in doubles and round once per operator; functions may differ in the last bit of a float32.
    assert.ok(largest <= 2 ** -20, `${differing} of ${elements} differ, by ${largest} at most`);
  });
}

/** Quantized as DPUs want it, calibrated by one sample. */
async function quantizeForDpu(graph: Graph): Promise<Graph> {
  const feeds = new Map(
    graph.inputs.map((name, i) => [name, fill(graph.values.get(name)!.shape as number[], 17 + i)]),
  );
  const batches = async function* () {
    yield { feeds, count: 1 };
  };
  const data = { count: 1, batches };
  const { graph: float, encodings } = await calibrate(graph, data, referenceMachine(), { preset: "dpu" });
  return quantize(float, encodings);
}

for (const [title, graph] of Object.entries(graphs)) {
  test(`quantized for DPUs, the file computes the same codes: ${title}`, async () => {
    const { differing, elements, largest, xir } = await differencesOf(
      exportAs("xmodel", await quantizeForDpu(graph)),
    );
    assert.ok(xir.ops.some(({ type }) => type === "fix"));
    // Codes are 2^−12 apart or more; functions that stay float may differ in the last bit.
    assert.ok(largest <= 2 ** -20, `${differing} of ${elements} differ, by ${largest} at most`);
  });
}

test("a float graph is prepared first: normalizations are folded", async () => {
  const graph = single("BatchNormalization c g b m v > y", {}, {
    g: fill([4]),
    b: fill([4], 2),
    m: fill([4], 3),
    v: fill([4], 4, 0.5, 2),
  });
  const { xir, largest } = await differencesOf(prepare(graph, 13));
  assert.equal(xir.ops.some(({ type }) => type === "scale"), false);
  assert.ok(largest <= 2 ** -20);
});
