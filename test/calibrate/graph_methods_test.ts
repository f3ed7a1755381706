// Methods that change the float graph: what they preserve, and what they improve.
import assert from "node:assert/strict";
import test from "node:test";
import { intAttribute, intsAttribute } from "../../src/graph/attribute.ts";
import { absorbBiases } from "../../src/calibrate/absorb.ts";
import { channelStatistics, wholeStatistics } from "../../src/calibrate/channels.ts";
import { biasCorrections, correctBias } from "../../src/calibrate/correct_bias.ts";
import { prepareLayers } from "../../src/calibrate/prepare_layers.ts";
import { smooth } from "../../src/calibrate/smooth.ts";
import type { Graph } from "../../src/graph/graph.ts";
import { referenceMachine } from "../../src/plan/interpret.ts";
import { insertQdq } from "../../src/quantize/insert_qdq.ts";
import { encodeWeights, fullRange } from "../../src/quantize/weights.ts";
import { type Shape } from "../../src/tensor/shape.ts";
import { floats, type Tensor, tensor } from "../../src/tensor/tensor.ts";
import { distance, fill, network, node, outputsOf, typesOf } from "../passes/network.ts";

/** The feed that `outputsOf` gives, in batches. */
const batchesOf = (graph: Graph, times = 1) =>
  async function* () {
    const [name] = graph.inputs;
    const feed = fill(graph.values.get(name)!.shape as Shape, 17);
    for (let i = 0; i < times; i++) yield { feeds: new Map([[name, feed]]), count: feed.shape[0] };
  };

const shift = (tensorOf: Tensor, by: number) =>
  tensor("float32", tensorOf.shape, floats(tensorOf).map((value) => value + by));

const convolutions = network(
  [node("Conv x a p > c"), node("Relu c > r"), node("Conv r b q > y")],
  { x: [2, 3, 6, 6] },
  {
    a: fill([4, 3, 1, 1], 1),
    p: shift(fill([4], 2), 8),
    b: fill([5, 4, 1, 1], 5),
    q: fill([5], 6),
  },
  ["y"],
);

const matrices = network(
  [
    node("Mul x g > n"),
    node("Add n s > z"),
    node("MatMul z a > l"),
    node("MatMul z b > m"),
    node("Add l m > k"),
    node("Relu k > r"),
    node("MatMul r c > y"),
  ],
  { x: [2, 7, 6] },
  {
    g: tensor("float32", [6], [50, 1, 1, 1, 0.01, 0]),
    s: fill([6], 3, -0.1, 0.1),
    a: fill([6, 5], 4),
    b: fill([6, 5], 5),
    c: fill([5, 4], 6),
  },
  ["y"],
);

/** The second product reads rows as channels. */
const turned = network(
  [node("Gemm x a p > h"), node("Relu h > r"), node("Gemm r b > y", { transA: intAttribute(1) })],
  { x: [6, 6] },
  { a: fill([6, 6], 3), p: fill([6], 1), b: fill([6, 5], 5) },
  ["y"],
);

test("channelStatistics: means, squares and extents of channels, batches together", async () => {
  const wanted = [{ name: "x", channels: 3, images: 4 }];
  const parts = channelStatistics(convolutions, wanted, referenceMachine(), batchesOf(convolutions, 3));
  const { mean, squares, most } = (await wholeStatistics(parts)).get("x")!;
  const x = floats(fill([2, 3, 6, 6], 17));
  for (let c = 0; c < 3; c++) {
    const own = [...x].filter((_, i) => Math.floor(i / 36) % 3 === c);
    const average = (of: (value: number) => number) => own.reduce((sum, v) => sum + of(v), 0) / own.length;
    assert.ok(Math.abs(mean[c] - average((v) => v)) < 1e-6);
    assert.ok(Math.abs(squares[c] - average((v) => v * v)) < 1e-6);
    assert.ok(Math.abs(most[c] - Math.max(...own.map(Math.abs))) < 1e-6);
  }
});

test("absorbBiases moves constants out of the first layer, and the model computes the same", async () => {
  const absorbed = await absorbBiases(convolutions, referenceMachine(), batchesOf(convolutions));
  assert.ok(distance(await outputsOf(convolutions), await outputsOf(absorbed)) < 1e-5);
  const sum = (graph: Graph) => floats(graph.values.get("p")!.constant!).reduce((a, b) => a + b, 0);
  assert.ok(sum(absorbed) < sum(convolutions) - 8, `${sum(convolutions)} became ${sum(absorbed)}`);
});

test("absorbBiases leaves transposed convolutions alone: their edges and gaps lack products", async () => {
  for (const [size, stride] of [[2, 1], [2, 2], [1, 2]]) {
    const strides = { strides: intsAttribute([stride, stride]) };
    const graph = network(
      [node("Conv x a p > c"), node("Relu c > r"), node("ConvTranspose r b q > y", strides)],
      { x: [2, 3, 6, 6] },
      {
        a: fill([4, 3, 1, 1], 1),
        p: shift(fill([4], 2), 8),
        b: fill([4, 5, size, size], 5),
        q: fill([5], 6),
      },
      ["y"],
    );
    const absorbed = await absorbBiases(graph, referenceMachine(), batchesOf(graph));
    assert.ok(distance(await outputsOf(graph), await outputsOf(absorbed)) < 1e-5);
  }
});

test("absorbBiases passes a row that is added to a matrix product", async () => {
  const graph = network(
    [
      node("MatMul x a > m"),
      node("Add m p > c"),
      node("Relu c > r"),
      node("MatMul r b > n"),
      node("Add q n > y"),
    ],
    { x: [2, 7, 6] },
    { a: fill([6, 4], 1), p: shift(fill([4], 2), 8), b: fill([4, 5], 5), q: fill([1, 5], 6) },
    ["y"],
  );
  const absorbed = await absorbBiases(graph, referenceMachine(), batchesOf(graph));
  assert.ok(distance(await outputsOf(graph), await outputsOf(absorbed)) < 1e-5);
  assert.notDeepEqual(absorbed.values.get("p"), graph.values.get("p"));
});

for (const form of biasCorrections) {
  test(`correctBias ${form} brings the means of a layer of 3-bit weights closer to float`, async () => {
    const graph = convolutions;
    const encodings = new Map(["a", "b"].map((name) => {
      const { shape, constant } = graph.values.get(name)!;
      const scheme = { bits: 3, signed: true, symmetric: true };
      return [name, encodeWeights(floats(constant!), shape as Shape, scheme, undefined, fullRange)];
    }));
    const many = batchesOf(graph, 40);
    const corrected = await correctBias(form, graph, encodings, referenceMachine(), many);
    const means = async (one: Graph) => {
      const y = (await outputsOf(one)).get("y")!;
      return [0, 1, 2, 3, 4].map((c) =>
        y.filter((_, i) => Math.floor(i / 36) % 5 === c).reduce((a, b) => a + b, 0) / 72
      );
    };
    const float = await means(graph);
    const away = (found: number[]) => found.reduce((sum, value, c) => sum + Math.abs(value - float[c]), 0);
    const [before, after] = [
      await means(insertQdq(encodings)(graph)),
      await means(insertQdq(encodings)(corrected)),
    ];
    // Upstream's steps stop early.
    const left = form === "closed" ? 0.2 : 0.9;
    assert.ok(away(after) < left * away(before), `${away(before)} became ${away(after)}`);
  });
}

test("smooth preserves the model's results, folds into constants, equalizes activations", async () => {
  const machine = referenceMachine();
  const even = await smooth(matrices, 0.5, machine, batchesOf(matrices));
  assert.ok(distance(await outputsOf(matrices), await outputsOf(even)) < 1e-5);
  const statistics = async (graph: Graph) => {
    const parts = channelStatistics(graph, [{ name: "z", channels: 6 }], machine, batchesOf(graph));
    return (await wholeStatistics(parts)).get("z")!.most;
  };
  const spread = (most: Float64Array) => Math.max(...most) / [...most].sort((a, b) => a - b)[2];
  assert.ok(spread(await statistics(even)) < spread(await statistics(matrices)) / 2);
  // z through its own constants; r, which no constants make, by a multiplication.
  assert.deepEqual(even.nodes.filter(({ opType }) => opType === "Mul").length, 2);
});

test("smooth folds into a LayerNormalization", async () => {
  const graph = network(
    [node("LayerNormalization x g s > z"), node("MatMul z a > y")],
    { x: [2, 7, 6] },
    { g: tensor("float32", [6], [50, 1, 1, 1, 0.01, 0]), s: fill([6], 3), a: fill([6, 5], 4) },
    ["y"],
    17,
  );
  const even = await smooth(graph, 0.5, referenceMachine(), batchesOf(graph));
  assert.equal(typesOf(even), "LayerNormalization MatMul");
  assert.ok(distance(await outputsOf(graph), await outputsOf(even)) < 1e-5);
  assert.notDeepEqual(even.values.get("s"), graph.values.get("s"));
});

test("smooth multiplies only for the products if a residual sum reads the same value", async () => {
  const graph = network(
    ["LayerNormalization x g s > z", "MatMul z a > p", "MatMul z b > q", "Add p q > r", "Add z r > y"]
      .map((line) => node(line)),
    { x: [2, 7, 6] },
    {
      ...{ g: tensor("float32", [6], [50, 1, 1, 1, 0.01, 0]), s: fill([6], 3) },
      ...{ a: fill([6, 6], 4), b: fill([6, 6], 9) },
    },
    ["y"],
    17,
  );
  const even = await smooth(graph, 0.5, referenceMachine(), batchesOf(graph));
  assert.equal(typesOf(even), "LayerNormalization Mul MatMul MatMul Add Add");
  assert.deepEqual(even.nodes.at(-1)!.inputs, ["z", "r"]);
  assert.ok(distance(await outputsOf(graph), await outputsOf(even)) < 1e-5);
});

test("prepareLayers does nothing by default, and preserves the model's results with all methods", async () => {
  const machine = referenceMachine();
  const same = await prepareLayers(convolutions, {}, machine, batchesOf(convolutions));
  assert.equal(same, convolutions);
  const asked = { relu6: "safe", equalize: "iterated", smooth: 0.5 } as const;
  for (const graph of [convolutions, matrices, turned]) {
    const changed = await prepareLayers(graph, asked, machine, batchesOf(graph));
    assert.ok(distance(await outputsOf(graph), await outputsOf(changed)) < 1e-5);
  }
});
