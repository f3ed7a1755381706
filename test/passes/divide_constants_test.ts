// Weights and tables that a device cannot bind are divided, with unchanged results.
import assert from "node:assert/strict";
import test from "node:test";
import { floatAttribute, intAttribute, intsAttribute } from "../../src/graph/attribute.ts";
import type { Graph } from "../../src/graph/graph.ts";
import { planFor, planWithin, specialize } from "../../src/passes/specialize.ts";
import { referenceMachine } from "../../src/plan/interpret.ts";
import type { Limits } from "../../src/plan/limits.ts";
import type { Feeds } from "../../src/plan/machine.ts";
import { elementCount } from "../../src/tensor/shape.ts";
import { fromNumbers, type Tensor, tensor } from "../../src/tensor/tensor.ts";
import { assertWithin } from "../plan/limited.ts";
import { fill, network, node } from "./network.ts";

const limits: Limits = { bindingBytes: 4096, bufferBytes: 2 ** 20 };
const pads = intsAttribute([1, 1, 1, 1]);

type Case = {
  readonly graph: Graph;
  readonly feeds: Readonly<Record<string, Tensor>>;
};

function one(
  line: string,
  feeds: Readonly<Record<string, Tensor>>,
  constants: Readonly<Record<string, Tensor>>,
  attributes: Parameters<typeof node>[1] = {},
): Case {
  const shapes = Object.fromEntries(Object.entries(feeds).map(([name, { shape }]) => [name, shape]));
  const graph = network([node(line, attributes)], shapes, constants, ["y"]);
  const values = new Map(graph.values);
  for (const [name, { dtype, shape }] of Object.entries(feeds)) values.set(name, { dtype, shape });
  return { graph: { ...graph, values }, feeds };
}

const picks = fromNumbers("int64", [3, 5], Array.from({ length: 15 }, (_, i) => (i * 29) % 202 - 101));
const beyond = fromNumbers("int64", [4], [-300, 300, 100, -101]);

const cases: Readonly<Record<string, Case>> = {
  "MatMul": one("MatMul x w > y", { x: fill([2, 3, 40]) }, { w: fill([40, 101], 2) }),
  "MatMul of batches of weights": one(
    "MatMul x w > y",
    { x: fill([3, 5, 20]) },
    { w: fill([3, 20, 41], 2) },
  ),
  "Gemm": one("Gemm x w c > y", { x: fill([3, 40]) }, { w: fill([40, 101], 2), c: fill([101], 3) }),
  "Gemm with transposed weights and one bias for all": one(
    "Gemm x w c > y",
    { x: fill([3, 40]) },
    { w: fill([101, 40], 2), c: fill([1], 3) },
    { transB: intAttribute(1), alpha: floatAttribute(0.5) },
  ),
  "Gemm with a bias that is fed": one(
    "Gemm x w c > y",
    { x: fill([3, 40]), c: fill([3, 101], 3) },
    { w: fill([40, 101], 2) },
  ),
  "Conv": one("Conv x w b > y", { x: fill([2, 5, 4, 5]) }, {
    w: fill([37, 5, 3, 3], 2),
    b: fill([37], 3),
  }, {
    pads,
  }),
  "Gather of rows": one("Gather x i > y", { i: picks }, { x: fill([101, 20], 2) }),
  "Gather of columns": one("Gather x i > y", { i: picks }, { x: fill([20, 101], 2) }, {
    axis: intAttribute(-1),
  }),
  "Gather by indices that are clamped": one("Gather x i > y", { i: beyond }, { x: fill([101, 20], 2) }),
  "Gather by one index": one("Gather x i > y", { i: tensor("int64", [], [77]) }, { x: fill([101, 20], 2) }),
};

async function ran(graph: Graph, feeds: Feeds, limits?: Limits) {
  const shapes = new Map([...feeds].map(([name, { shape }]) => [name, shape]));
  const plan = planFor(graph, shapes, undefined, limits);
  if (limits) assertWithin(plan, limits);
  return await referenceMachine().run(plan, feeds);
}

for (const [name, { graph, feeds }] of Object.entries(cases)) {
  test(`${name}: constants beyond the limit are divided, with the same results`, async () => {
    const fed = new Map(Object.entries(feeds));
    const sizes = [...graph.values.values()].map(({ constant }) => elementCount(constant?.shape ?? []));
    assert.ok(Math.max(...sizes) * 4 > limits.bindingBytes);
    assert.deepEqual(await ran(graph, fed, limits), await ran(graph, fed));
  });
}

test("planWithin divides weights into as few parts as possible", () => {
  const { graph } = cases.MatMul;
  const plan = planWithin(specialize(graph, new Map([["x", [2, 3, 40]]])), limits);
  const constants = [...plan.buffers.values()].flatMap((one) => one.home === "constant" ? [one.words] : []);
  // 25 columns of 40 fit into 4,096 bytes.
  assert.equal(constants.length, 5);
  assert.ok(constants.every((words) => words <= 1024));
});

test("weights that cannot be divided are refused by name", () => {
  const { graph } = one("Conv x w > y", { x: fill([1, 4, 5, 5]) }, { w: fill([4, 2, 15, 15], 2) }, {
    group: intAttribute(2),
    pads: intsAttribute([7, 7, 7, 7]),
  });
  assert.throws(
    () => planFor(graph, new Map([["x", [1, 4, 5, 5]]]), undefined, limits),
    /^UnsupportedError: Cannot bind "w" on this device: it takes 7 KiB, expected at most 4 KiB/,
  );
});
