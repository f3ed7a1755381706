import assert from "node:assert/strict";
import test from "node:test";
import { ModelError } from "../../src/error.ts";
import { floatAttribute, intAttribute } from "../../src/graph/attribute.ts";
import type { Graph, Node } from "../../src/graph/graph.ts";
import { verify } from "../../src/graph/verify.ts";
import { foldBatchnorm } from "../../src/passes/fold_batchnorm.ts";
import type { Tensor } from "../../src/tensor/tensor.ts";
import { distance, fill, network, node, outputsOf, typesOf } from "./network.ts";

/** The folded weights are rounded to float32 once more. */
const oneMoreRounding = 2 ** -20;

function statistics(channels: number): Record<string, Tensor> {
  return {
    g: fill([channels], 3, 0.5, 2),
    b: fill([channels], 4),
    m: fill([channels], 5),
    v: fill([channels], 6, 0.2, 3),
  };
}
const normalization = (from: string, to: string) => node(`BatchNormalization ${from} g b m v > ${to}`);

async function assertFolds(graph: Graph, types: string): Promise<void> {
  const folded = verify(foldBatchnorm(graph));
  assert.equal(typesOf(folded), types);
  const difference = distance(await outputsOf(graph), await outputsOf(folded));
  assert.ok(difference <= oneMoreRounding, `outputs differ by ${difference}`);
}

const picture = { x: [2, 4, 5, 5] };
const convNetwork = (nodes: Node[], outputs = ["y"], more: Record<string, Tensor> = {}) =>
  network(nodes, picture, {
    w: fill([6, 4, 3, 3]),
    c: fill([6], 2),
    ...statistics(6),
    ...more,
  }, outputs);

test("foldBatchnorm folds into a convolution with a bias, and drops unused values", async () => {
  const graph = convNetwork([node("Conv x w c > z"), normalization("z", "y")]);
  await assertFolds(graph, "Conv");
  const folded = foldBatchnorm(graph);
  const left = [...folded.values.keys()].filter((name) => folded.values.get(name)!.constant);
  assert.deepEqual(left, ["w_folded", "w_folded_bias"]);
});

test("foldBatchnorm adds a bias to a convolution without one", () =>
  assertFolds(convNetwork([node("Conv x w > z"), normalization("z", "y")]), "Conv"));

test("foldBatchnorm folds into grouped and depthwise convolutions", async () => {
  const grouped = node("Conv x w c > z", { group: intAttribute(2) });
  const more = { w: fill([6, 2, 3, 3]) };
  await assertFolds(convNetwork([grouped, normalization("z", "y")], ["y"], more), "Conv");
  const depthwise = node("Conv x w > z", { group: intAttribute(4) });
  const constants = { w: fill([4, 1, 3, 3]), ...statistics(4) };
  await assertFolds(network([depthwise, normalization("z", "y")], picture, constants, ["y"]), "Conv");
});

test("foldBatchnorm folds two in a row", () =>
  assertFolds(
    convNetwork([node("Conv x w c > z"), normalization("z", "t"), normalization("t", "y")]),
    "Conv",
  ));

test("foldBatchnorm reads epsilon", () => {
  const wide = {
    ...normalization("z", "y"),
    attributes: new Map([["epsilon", floatAttribute(0.5)]]),
  };
  return assertFolds(convNetwork([node("Conv x w c > z"), wide]), "Conv");
});

test("foldBatchnorm keeps a weight that two convolutions share for the other", async () => {
  const nodes = [node("Conv x w c > z"), normalization("z", "y"), node("Conv x w c > u")];
  await assertFolds(convNetwork(nodes, ["y", "u"]), "Conv Conv");
});

test("foldBatchnorm leaves a convolution that two nodes read", () =>
  assertFolds(
    convNetwork([node("Conv x w c > z"), normalization("z", "y"), node("Relu z > r")], ["y", "r"]),
    "Conv BatchNormalization Relu",
  ));

test("foldBatchnorm leaves a convolution whose result is an output", () =>
  assertFolds(
    convNetwork([node("Conv x w c > z"), normalization("z", "y")], ["z", "y"]),
    "Conv BatchNormalization",
  ));

test("foldBatchnorm leaves other operators", () =>
  assertFolds(
    network([node("Relu x > z"), normalization("z", "y")], picture, statistics(4), ["y"]),
    "Relu BatchNormalization",
  ));

test("foldBatchnorm leaves a convolution whose weights are an input", () => {
  const nodes = [node("Conv x w > z"), normalization("z", "y")];
  const graph = network(nodes, { ...picture, w: [6, 4, 3, 3] }, statistics(6), ["y"]);
  assert.equal(foldBatchnorm(graph), graph);
});

const gemm = (attributes: Record<string, number>, bias: number[] | undefined, transB = 0) => {
  const floatOnes = Object.entries(attributes).map(([key, value]) => [key, floatAttribute(value)] as const);
  const all = { ...Object.fromEntries(floatOnes), transB: intAttribute(transB) };
  const layer = node(bias ? "Gemm x w c > z" : "Gemm x w > z", all);
  const w = fill(transB ? [6, 4] : [4, 6]);
  const constants = { w, ...(bias ? { c: fill(bias, 2) } : {}), ...statistics(6) };
  return network([layer, normalization("z", "y")], { x: [3, 4] }, constants, ["y"]);
};

test("foldBatchnorm folds into Gemm, also transposed and scaled", async () => {
  await assertFolds(gemm({}, [6]), "Gemm");
  await assertFolds(gemm({}, undefined, 1), "Gemm");
  await assertFolds(gemm({ alpha: 0.5, beta: 2 }, [6], 1), "Gemm");
  await assertFolds(gemm({ alpha: 0.5, beta: 4 }, undefined), "Gemm");
  await assertFolds(gemm({}, [1]), "Gemm");
  await assertFolds(gemm({}, [1, 6]), "Gemm");
});

test("foldBatchnorm leaves a Gemm that ignores its bias or adds another one to each row", async () => {
  await assertFolds(gemm({ beta: 0 }, [6]), "Gemm BatchNormalization");
  await assertFolds(gemm({}, [3, 6]), "Gemm BatchNormalization");
  await assertFolds(gemm({}, [3, 1]), "Gemm BatchNormalization");
});

test("foldBatchnorm names the channel of a negative variance", () => {
  const graph = convNetwork([node("Conv x w c > z"), normalization("z", "y")], ["y"], {
    v: fill([6], 1, -3, -2),
  });
  assert.throws(() => foldBatchnorm(graph), (error) => {
    assert.ok(error instanceof ModelError);
    assert.match(error.message, /channel 0 has gain NaN/);
    assert.deepEqual(error.where, ['BatchNormalization "y"']);
    return true;
  });
});

test("foldBatchnorm leaves a normalization in training mode", () => {
  const training = { ...normalization("z", "y"), attributes: new Map([["training_mode", intAttribute(1)]]) };
  const graph = convNetwork([node("Conv x w c > z"), training]);
  assert.equal(foldBatchnorm(graph), graph);
});
