// Folding within a budget: shape arithmetic is folded, large products and copies are left to the plan, and a few
// bytes of a file never become gigabytes.
import assert from "node:assert/strict";
import test from "node:test";
import { UnsupportedError } from "../../src/error.ts";
import { intAttribute } from "../../src/graph/attribute.ts";
import type { Graph, LocalFunction, Node } from "../../src/graph/graph.ts";
import { inferShapes } from "../../src/passes/infer_shapes.ts";
import { inlineFunctions } from "../../src/passes/inline_functions.ts";
import { planFor } from "../../src/passes/specialize.ts";
import { referenceMachine } from "../../src/plan/interpret.ts";
import { floats, tensor } from "../../src/tensor/tensor.ts";
import { fill, network, node, typesOf } from "./network.ts";

const whole = (...values: number[]) => tensor("int64", [values.length], values);
const product = [node("MatMul a b > c"), node("Add x c > y")];
const square = (size: number) =>
  network(product, { x: [1] }, { a: fill([size, size]), b: fill([size, size]) }, ["y"]);

test("a product above the budget stays a node, one below it is folded", () => {
  assert.equal(typesOf(inferShapes(square(10), 1400)), "Add");
  assert.equal(typesOf(inferShapes(square(10), 1200)), "MatMul Add");
  assert.deepEqual(inferShapes(square(10), 1200).values.get("y")?.shape, [10, 10]);
});

test("the budget covers the whole walk", () => {
  const nodes = [node("MatMul a b > c"), node("MatMul c b > d"), node("Add x d > y")];
  const graph = network(nodes, { x: [1] }, { a: fill([10, 10]), b: fill([10, 10]) }, ["y"]);
  assert.equal(typesOf(inferShapes(graph, 2000)), "MatMul Add");
});

test("constant nodes beyond the budget run once when the plan is loaded, with the same results", async () => {
  const size = 400;
  const graph = square(size);
  const plan = planFor(graph, new Map([["x", [1]]]));
  assert.deepEqual(plan.calls.map(({ kernel }) => kernel.stem), ["binary_broadcast"]);
  assert.ok(plan.once.some(({ kernel }) => kernel.stem.startsWith("matmul")));
  const found = await referenceMachine().run(plan, new Map([["x", tensor("float32", [1], [0])]]));
  const [a, b] = [floats(fill([size, size])), floats(fill([size, size]))];
  const first = a.slice(0, size).reduce((sum, value, k) => sum + value * b[k * size], 0);
  const y = floats(found.get("y")!);
  assert.equal(y.length, size * size);
  assert.ok(Math.abs(y[0] - first) < 1e-4, `${y[0]} instead of ${first}`);
});

test("shape arithmetic is folded after constants that are not", () => {
  const nodes = [
    node("MatMul a b > c"),
    node("Shape c > size"),
    node("Slice size zero one > rows"),
    node("Concat rows rest > target", { axis: intAttribute(0) }),
    node("Reshape x target > y"),
  ];
  const constants = {
    a: fill([64, 64]),
    b: fill([64, 64]),
    zero: whole(0),
    one: whole(1),
    rest: whole(-1),
  };
  const inferred = inferShapes(network(nodes, { x: [128, 2] }, constants, ["y"]), 5000);
  assert.equal(typesOf(inferred), "Reshape");
  assert.deepEqual(inferred.values.get("y")?.shape, [64, 4]);
});

const assertRefused = (graph: Graph, shapes: Record<string, number[]>) =>
  assert.throws(() => planFor(graph, new Map(Object.entries(shapes))), UnsupportedError);

test("values of more elements than a device can count are refused by name", () => {
  const tile = [node("Tile w times > k"), node("Add x k > y")];
  assertRefused(network(tile, { x: [1] }, { w: fill([1]), times: whole(2 ** 40) }, ["y"]), { x: [1] });
  const eightfold = Array.from({ length: 12 }, (_, i) => {
    const from = i === 0 ? "w" : `k${i - 1}`;
    return node(`Concat ${Array(8).fill(from).join(" ")} > k${i}`, { axis: intAttribute(0) });
  });
  const chain = [...eightfold, node("Add x k11 > y")];
  assertRefused(network(chain, { x: [1] }, { w: fill([1]) }, ["y"]), { x: [1] });
});

test("a table of billions of elements is refused", () => {
  const grid = network([node("AffineGrid x size > y")], { x: [1, 2, 3] }, {
    size: whole(1, 1, 2 ** 14, 2 ** 14),
  }, [
    "y",
  ]);
  assertRefused({ ...grid, opset: 20 }, { x: [1, 2, 3] });
  const filledBy = network([node("ConstantOfShape size > k"), node("Add x k > y")], { x: [1] }, {
    size: whole(2 ** 15, 2 ** 14),
  }, ["y"]);
  assertRefused(filledBy, { x: [1] });
});

test("the plan computes the mask of a Dropout that drops nothing", () => {
  const dropout = network([node("Dropout x > y mask")], { x: [1, 1 << 10, 1 << 10] }, {}, ["y", "mask"]);
  const plan = planFor(dropout, new Map([["x", [1, 1 << 10, 1 << 10]]]));
  const most = [...plan.buffers.values()].map((buffer) => buffer.home === "constant" ? buffer.words : 0);
  assert.ok(Math.max(...most) <= 1 << 20);
});

/** Functions that each call the next one twice: n levels, 2^n nodes. */
function doubling(levels: number): Graph {
  const call = (line: string): Node => ({ ...node(line), domain: "own" });
  const functions = Array.from({ length: levels }, (_, i): LocalFunction => {
    const last = i === levels - 1;
    const nodes = last ? [node("Relu a > z")] : [call(`F${i + 1} a > m`), call(`F${i + 1} m > z`)];
    const body = { name: `F${i}`, nodes, values: new Map(), inputs: ["a"], outputs: ["z"], opset: 13 };
    return { name: `F${i}`, domain: "own", overload: "", defaults: new Map(), body };
  });
  return { ...network([call("F0 x > y")], { x: [1] }, {}, ["y"]), functions };
}

test("functions that double at each level are counted before they are inlined", () => {
  assert.equal(inlineFunctions(doubling(8)).nodes.length, 128);
  assert.throws(() => inlineFunctions(doubling(32)), {
    name: "UnsupportedError",
    message: /they become 2147483648 nodes, expected at most 262144/,
  });
});
