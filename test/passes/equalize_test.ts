// Equalization: the float model's results stay, ranges of channels become alike, dead channels stay harmless.
import assert from "node:assert/strict";
import test from "node:test";
import { intAttribute, intsAttribute } from "../../src/graph/attribute.ts";
import type { Graph } from "../../src/graph/graph.ts";
import { equalize } from "../../src/passes/equalize.ts";
import { giveBiases } from "../../src/passes/give_biases.ts";
import { channelExtents, layersOf, pairsOf } from "../../src/passes/layers.ts";
import { boundedClamps, openClamps } from "../../src/passes/relu6.ts";
import { floats, type Tensor, tensor } from "../../src/tensor/tensor.ts";
import { distance, fill, network, node, outputsOf } from "./network.ts";

const pads = { pads: intsAttribute([1, 1, 1, 1]) };
const depthwise = { ...pads, group: intAttribute(4) };

/** Output channel c times 8^c, which one scale per tensor cannot represent. */
function uneven(weight: Tensor): Tensor {
  const inner = floats(weight).length / weight.shape[0];
  const values = floats(weight).map((value, i) => value * 8 ** Math.floor(i / inner));
  return tensor("float32", weight.shape, values);
}

const separable = (weights: Record<string, Tensor> = {}): Graph =>
  network(
    [
      node("Conv x a p > c", pads),
      node("Relu c > r"),
      node("Conv r d q > e", depthwise),
      node("Relu e > s"),
      node("MaxPool s > m", { kernel_shape: intsAttribute([2, 2]) }),
      node("Conv m b > t"),
      node("Relu t > u"),
      node("GlobalAveragePool u > g"),
      node("Flatten g > f"),
      node("Gemm f h > z"),
      node("Relu z > v"),
      node("Gemm v k o > y", { transB: intAttribute(1) }),
    ],
    { x: [2, 3, 6, 6] },
    {
      a: uneven(fill([4, 3, 3, 3], 1)),
      p: fill([4], 2),
      d: fill([4, 1, 3, 3], 3),
      q: fill([4], 4),
      b: fill([5, 4, 1, 1], 5),
      h: fill([5, 6], 6),
      k: fill([3, 6], 7),
      o: fill([3], 8),
      ...weights,
    },
    ["y"],
  );

const transposeNetwork = (): Graph =>
  network(
    [
      node("Conv x a p > c", pads),
      node("Relu c > r"),
      node("ConvTranspose r d q > e", { group: intAttribute(2), strides: intsAttribute([2, 2]) }),
      node("Relu e > s"),
      node("ConvTranspose s b > t"),
      node("Relu t > u"),
      node("Conv u h > y"),
    ],
    { x: [2, 3, 5, 5] },
    {
      a: uneven(fill([4, 3, 3, 3], 1)),
      p: fill([4], 2),
      d: fill([4, 3, 2, 2], 3),
      q: fill([6], 4),
      b: uneven(fill([6, 5, 2, 2], 5)),
      h: fill([2, 5, 1, 1], 6),
    },
    ["y"],
  );

const rangeSpread = (graph: Graph, name: string) => {
  const extents = channelExtents(layersOf(graph).get(name)!, "outputs");
  return Math.max(...extents) / Math.min(...extents);
};

for (const form of ["vitis", "iterated"] as const) {
  test(`equalize ${form} keeps the model's results and equalizes its channels`, async () => {
    const graph = separable();
    const even = equalize(form)(graph);
    // Factors are not powers of two, so products are rounded differently.
    assert.ok(distance(await outputsOf(graph), await outputsOf(even)) < 1e-5);
    assert.ok(
      rangeSpread(even, "c") < rangeSpread(graph, "c") / 4,
      `${rangeSpread(graph, "c")} became ${rangeSpread(even, "c")}`,
    );
  });

  test(`equalize ${form}: a dead channel, an all-zero weight and a huge bias stay finite`, async () => {
    const dead = fill([4, 3, 3, 3], 1);
    floats(dead).fill(0, 0, 27);
    const cases: Record<string, Tensor>[] = [
      { a: dead, p: tensor("float32", [4], [1e4, 0, -1, 2]) },
      { d: tensor("float32", [4, 1, 3, 3], new Float32Array(36)) },
      { a: tensor("float32", [4, 3, 3, 3], floats(fill([4, 3, 3, 3], 1)).map((v) => v * 1e-12)) },
    ];
    for (const weights of cases) {
      const graph = separable(weights);
      const even = equalize(form)(graph);
      assert.ok(distance(await outputsOf(graph), await outputsOf(even)) < 1e-4);
      for (const { constant } of even.values.values()) {
        if (constant?.dtype === "float32") assert.ok(floats(constant).every(Number.isFinite));
      }
    }
  });
}

test("pairsOf: through Relu, pools and views; not past a second reader or a sigmoid", () => {
  const graph = separable();
  const namesIn = (one: Graph) =>
    pairsOf(one, layersOf(one)).map(({ first, second }) => first.node.outputs[0] + second.node.outputs[0]);
  assert.deepEqual(namesIn(graph), ["ce", "et", "tz", "zy"]);
  const swapped = graph.nodes.map((one) => one.outputs[0] === "r" ? { ...one, opType: "Sigmoid" } : one);
  assert.deepEqual(namesIn({ ...graph, nodes: swapped }), ["et", "tz", "zy"]);
  assert.deepEqual(namesIn({ ...graph, outputs: ["y", "s"] }), ["ce", "tz", "zy"]);
});

test("giveBiases adds zero biases to layers without one, and nothing else", async () => {
  const graph = separable();
  const given = giveBiases(graph);
  assert.equal([...layersOf(given).values()].filter(({ b }) => !b).length, 0);
  assert.equal(distance(await outputsOf(graph), await outputsOf(given)), 0);
  assert.equal(giveBiases(given), given);
});

test("openClamps opens a ReLU6 whose input stays below 6, or all of them", () => {
  const graph = network(
    [node("Conv x w > c"), node("Clip c l h > r"), node("Conv r v > d"), node("Clip d l h > y")],
    { x: [1, 2, 3, 3] },
    {
      w: fill([2, 2, 1, 1]),
      v: fill([2, 2, 1, 1]),
      l: tensor("float32", [], [0]),
      h: tensor("float32", [], [6]),
    },
    ["y"],
  );
  assert.deepEqual(boundedClamps(graph).map(({ end }) => end), [6, 6]);
  const types = (one: Graph) => one.nodes.map(({ opType }) => opType).join(" ");
  const seen = new Map([["c", 5.9], ["d", 6.1]]);
  assert.equal(types(openClamps(seen)(graph)), "Conv Relu Conv Clip");
  assert.equal(types(openClamps()(graph)), "Conv Relu Conv Relu");
});

for (const form of ["vitis", "iterated"] as const) {
  test(`equalize ${form} passes transposed convolutions, including groups of outputs`, async () => {
    const graph = giveBiases(transposeNetwork());
    assert.equal(pairsOf(graph, layersOf(graph)).length, 3);
    const equal = equalize(form)(graph);
    assert.ok(distance(await outputsOf(graph), await outputsOf(equal)) < 1e-4);
    assert.ok(rangeSpread(equal, "c") < rangeSpread(graph, "c") / 4);
    assert.equal(layersOf(equal).get("e")!.outputs, 6);
    assert.equal(layersOf(equal).get("t")!.b?.length, 5);
  });
}

test("equalize iterated passes matrix products, including rows added to them", async () => {
  const graph = network(
    [
      node("MatMul x a > m"),
      node("Add m p > c"),
      node("Relu c > r"),
      node("MatMul r b > n"),
      node("Add q n > s"),
      node("Relu s > u"),
      node("Gemm u h > y"),
    ],
    { x: [7, 6] },
    {
      a: tensor("float32", [6, 4], floats(fill([6, 4], 1)).map((v, i) => v * 8 ** (i % 4))),
      p: fill([4], 2),
      b: fill([4, 5], 5),
      q: fill([1, 5], 6),
      h: fill([5, 3], 7),
    },
    ["y"],
  );
  assert.equal(pairsOf(graph, layersOf(graph)).length, 2);
  const even = equalize("iterated")(graph);
  assert.ok(distance(await outputsOf(graph), await outputsOf(even)) < 1e-5);
  assert.ok(rangeSpread(even, "m") < rangeSpread(graph, "m") / 4);
  assert.deepEqual(even.values.get("q")!.shape, [1, 5]);
  // The vitis form skips matrix products.
  const weightOf = (one: Graph) => floats(one.values.get("a")!.constant!);
  assert.deepEqual(weightOf(equalize("vitis")(graph)), weightOf(graph));
});
