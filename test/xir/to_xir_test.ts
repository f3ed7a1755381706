// Graphs of ONNX in XIR's terms: types, layouts and attributes of operators. test/xir/interpreter_test.ts runs them.
import assert from "node:assert/strict";
import test from "node:test";
import { floatAttribute, intAttribute, intsAttribute, textAttribute } from "../../src/graph/attribute.ts";
import type { Graph, Node } from "../../src/graph/graph.ts";
import { tensor } from "../../src/tensor/tensor.ts";
import type { XirOp } from "../../src/xir/graph.ts";
import { toXir } from "../../src/xir/to_xir.ts";
import { fill, network, node } from "../passes/network.ts";

const whole = (...values: number[]) => tensor("int64", [values.length], values);

/** `type shape ← inputs`, without constants; what a permutation is for, and why a node is refused. */
function lineOf({ type, shape, inputs, layout, refused }: XirOp): string {
  const read = Object.values(inputs).flat().join(" ");
  return [`${type} ${shape.join("x")}`, read && `← ${read}`, layout, refused].filter(Boolean).join(" ");
}

const linesOf = (graph: Graph) => toXir(graph).ops.filter(({ type }) => type !== "const").map(lineOf);

/** A network of one convolution and these nodes, which read "c" [N, 4, 6, 6] and make "y". */
function behindConvolution(
  nodes: readonly Node[],
  constants: Record<string, ReturnType<typeof fill>> = {},
): Graph {
  const own = { w: fill([4, 3, 3, 3]), ...constants };
  const conv = node("Conv x w > c", { pads: intsAttribute([1, 1, 1, 1]) });
  return network([conv, ...nodes], { x: [1, 3, 6, 6] }, own, ["y"]);
}

test("feature maps are NHWC, weights OHWI, windows [width, height]", () => {
  const conv = node("Conv x w b > y", {
    strides: intsAttribute([2, 1]),
    pads: intsAttribute([1, 2, 3, 4]),
  });
  const { ops, outputs } = toXir(
    network([conv], { x: [1, 3, 8, 9] }, { w: fill([5, 3, 3, 2]), b: fill([5]) }, ["y"]),
  );
  assert.deepEqual(ops.map(({ name, type, shape }) => `${name} ${type} ${shape.join("x")}`), [
    "x data 1x8x9x3",
    "w const 5x3x2x3",
    "b const 5",
    "y conv2d 1x5x14x5",
  ]);
  assert.deepEqual(ops[3].attributes, {
    kernel: [2, 3],
    stride: [1, 2],
    pad: [2, 4, 1, 3],
    pad_mode: "FLOOR",
    dilation: [1, 1],
    group: 1,
    bias_term: true,
    in_dim: 3,
    out_dim: 5,
  });
  assert.deepEqual(ops[3].inputs, { input: ["x"], weights: ["w"], bias: ["b"] });
  assert.deepEqual(outputs, ["y"]);
});

const rows: readonly [title: string, graph: Graph, lines: readonly string[]][] = [
  [
    "Flatten before constant weights needs no permutation: columns of the weights are permuted",
    behindConvolution([node("Flatten c > f"), node("Gemm f v > y")], { v: fill([144, 7]) }),
    ["reshape 1x144 ← c", "matmul 1x7 ← f v"],
  ],
  [
    "Flatten to an output keeps ONNX's order",
    behindConvolution([node("Flatten c > y")]),
    ["transpose 1x4x6x6 ← c NHWC to NCHW", "reshape 1x144 ← c_sink_transpose"],
  ],
  [
    "after a global pool nothing moves",
    behindConvolution([node("GlobalAveragePool c > p"), node("Flatten p > y")]),
    ["avgpool2d 1x1x1x4 ← c", "reshape 1x4 ← p"],
  ],
  [
    "a transposition to NHWC is none",
    behindConvolution([node("Transpose c > y", { perm: intsAttribute([0, 2, 3, 1]) })]),
    ["reshape 1x6x6x4 ← c"],
  ],
  [
    "axes follow the layout",
    behindConvolution([
      node("Softmax c > s", { axis: intAttribute(1) }),
      node("Concat s c > y", { axis: intAttribute(-3) }),
    ]),
    ["softmax 1x6x6x4 ← c", "concat 1x6x6x8 ← s c"],
  ],
  [
    "a reduction whose other axes change places reads NCHW",
    behindConvolution([
      node("ReduceMean c > y", { axes: intsAttribute([2]), keepdims: intAttribute(0) }),
    ]),
    ["transpose 1x4x6x6 ← c NHWC to NCHW", "reduction_mean 1x4x6 ← c_sink_transpose"],
  ],
  [
    "a clamp between other bounds is two operators",
    behindConvolution([node("Clip c low high > y")], {
      low: tensor("float32", [], [-2]),
      high: tensor("float32", [], [3]),
    }),
    ["max 1x6x6x4 ← c y_bound", "min 1x6x6x4 ← y_max y_bound_1"],
  ],
  [
    "an operator that XIR does not have is refused, and those behind it are not",
    behindConvolution([node("Erf c > e"), node("Relu e > y")]),
    ["Erf 1x6x6x4 ← c XIR has no operator for Erf", "relu 1x6x6x4 ← e"],
  ],
  [
    "positions of a pool are refused",
    behindConvolution([node("MaxPool c > y i", { kernel_shape: intsAttribute([2, 2]) })]),
    ["MaxPool 1x5x5x4 ← c its positions are read, which XIR does not return"],
  ],
];

for (const [title, graph, lines] of rows) {
  test(`toXir: ${title}`, () => assert.deepEqual(linesOf(graph).slice(2), lines));
}

test("an input that is permuted first keeps its order, and the permutation is a reshape", () => {
  const nodes = [node("Transpose x > t", { perm: intsAttribute([0, 3, 1, 2]) }), node("Conv t w > y")];
  assert.deepEqual(linesOf(network(nodes, { x: [1, 6, 6, 3] }, { w: fill([4, 3, 3, 3]) }, ["y"])), [
    "data 1x6x6x3",
    "reshape 1x6x6x3 ← x",
    "conv2d 1x4x4x4 ← t w",
  ]);
});

test("depthwise weights are [multiplier, H, W, C], transposed ones flipped", () => {
  const depthwise = network(
    [node("Conv x w > y", { group: intAttribute(2) })],
    { x: [1, 2, 3, 3] },
    { w: fill([6, 1, 2, 3]) },
    ["y"],
  );
  assert.deepEqual(toXir(depthwise).ops[1].shape, [3, 2, 3, 2]);
  const weights = tensor("float32", [1, 2, 2, 2], [1, 2, 3, 4, 5, 6, 7, 8]);
  const transposed = network([node("ConvTranspose x w > y")], { x: [1, 1, 2, 2] }, { w: weights }, ["y"]);
  const { attributes, shape } = toXir(transposed).ops[1];
  assert.deepEqual(shape, [2, 2, 2, 1]);
  const data = attributes.data as Uint8Array;
  assert.deepEqual([...new Float32Array(data.buffer, data.byteOffset, 8)], [4, 3, 2, 1, 8, 7, 6, 5]);
});

test("names are letters, digits and underscores, each once", () => {
  const nodes = [node("Relu a.b > a:b"), node("Sigmoid a:b > a/b")];
  const graph = network(nodes, { "a.b": [1, 2] }, {}, ["a/b"]);
  assert.deepEqual(toXir(graph).ops.map(({ name }) => name), ["a_b", "a_b_1", "a_b_2"]);
});

test("an open batch is 1; other open dimensions are refused", () => {
  const graph = network([node("Relu x > y")], { x: [1, 2] }, {}, ["y"]);
  const open = (...shape: (string | number)[]): Graph => ({
    ...graph,
    values: new Map([["x", { dtype: "float32", shape }]]),
  });
  assert.deepEqual(linesOf(open("N", 2)), ["data 1x2", "relu 1x2 ← x"]);
  const [data, relu] = toXir(open("N", "T")).ops;
  assert.match(data.refused!, /shape of input "x" is unknown/);
  assert.match(relu.refused!, /shape of "x" is unknown/);
});

test("attributes that XIR's operator does not have are refused with both values", () => {
  const refusal = (one: Node, shape = [1, 4, 4, 4]) =>
    toXir(network([one], { x: shape }, {}, ["y"])).ops.at(-1)!.refused;
  assert.match(refusal(node("HardSigmoid x > y", { alpha: floatAttribute(0.2) }))!, /alpha is 0.2.* 0.16/);
  const deep = node("DepthToSpace x > y", { blocksize: intAttribute(2) });
  assert.match(refusal(deep, [1, 8, 4, 4])!, /mode is "DCR"/);
  assert.match(refusal(node("Gelu x > y", { approximate: textAttribute("tanh") }))!, /"tanh"/);
});

test("parts of a split are strided slices", () => {
  const split = node("Split x parts > a b", { axis: intAttribute(1) });
  const graph = network([split], { x: [1, 5, 2] }, { parts: whole(2, 3) }, ["a", "b"]);
  const [, first, second] = toXir(graph).ops;
  assert.deepEqual(first.attributes, { begin: [0, 0, 0], end: [1, 2, 2], strides: [1, 1, 1] });
  assert.deepEqual(second.attributes, { begin: [0, 2, 0], end: [1, 5, 2], strides: [1, 1, 1] });
});

test("a resize to millions of rows is refused at once", () => {
  const attributes = {
    mode: textAttribute("nearest"),
    coordinate_transformation_mode: textAttribute("asymmetric"),
  };
  const sizes = tensor("int64", [4], [1n, 1n, 2n ** 27n, 2n]);
  const graph = network([node("Resize x _ _ sizes > y", attributes)], { x: [1, 1, 2, 2] }, { sizes }, ["y"]);
  assert.equal(
    toXir(graph).ops.at(-1)!.refused,
    "its result has a side of 134217728, expected 65536 at most",
  );
});

test("a transposed convolution keeps what its node adds beyond the last tap", () => {
  const openOf = (padding: number[]) => {
    const attributes = { strides: intsAttribute([2, 2]), output_padding: intsAttribute(padding) };
    const one = node("ConvTranspose x w > y", { ...attributes, pads: intsAttribute([1, 1, 1, 1]) });
    const graph = network([one], { x: [1, 2, 4, 4] }, { w: fill([2, 3, 3, 3]) }, ["y"]);
    return toXir(graph).ops.at(-1)!;
  };
  // Height first in ONNX, width first in XIR.
  assert.deepEqual(openOf([1, 0]).outputPadding, [0, 1]);
  assert.deepEqual(openOf([1, 0]).attributes.pad, [1, 1, 1, 0]);
  assert.equal(openOf([0, 0]).outputPadding, undefined);
});
