// Fusions in plans.
import assert from "node:assert/strict";
import test from "node:test";
import { intAttribute } from "../../src/graph/attribute.ts";
import type { Graph } from "../../src/graph/graph.ts";
import { verify } from "../../src/graph/verify.ts";
import { inferShapes } from "../../src/passes/infer_shapes.ts";
import { fuseClamps, fuseResiduals, fuseRounding } from "../../src/plan/fuse.ts";
import { type Tensor, tensor } from "../../src/tensor/tensor.ts";
import { fill, network, node, outputsOf, typesOf } from "../passes/network.ts";

const scalar = (value: number) => tensor("float32", [], [value]);
const constants: Record<string, Tensor> = {
  w: fill([6, 4, 3, 3]),
  v: fill([6, 6, 1, 1]),
  k: fill([4, 8]),
  vector: fill([8]),
  low: scalar(-0.5),
  high: scalar(0.75),
  endless: scalar(Infinity),
};
const of = (lines: string[], outputs = ["y"], inputs = {}) =>
  inferShapes(
    network(lines.map((line) => node(line)), { x: [1, 4, 5, 5], ...inputs }, constants, outputs),
  );

function clamps(graph: Graph): (number | undefined)[][] {
  const boundOf = (name: string) =>
    fuseClamps(graph).nodes.map(({ attributes }) => {
      const found = attributes.get(name);
      return found?.type === "float" ? found.value : undefined;
    });
  const [low, high] = [boundOf("clamp_low"), boundOf("clamp_high")];
  return low.map((value, i) => [value, high[i]]);
}
const most = 3.4028234663852886e38;

test("fuseClamps moves a Relu into the producer of its input", () => {
  const graph = of(["Conv x w > z", "Relu z > y"]);
  const fused = verify(fuseClamps(graph));
  assert.equal(typesOf(fused), "Conv");
  assert.deepEqual(fused.nodes[0].outputs, ["y"]);
  assert.deepEqual(clamps(graph), [[0, most]]);
});

test("fuseClamps reads the bounds of Clip, one, two or none, and clamps infinity", () => {
  assert.deepEqual(clamps(of(["Conv x w > z", "Clip z low high > y"])), [[-0.5, 0.75]]);
  assert.deepEqual(clamps(of(["Conv x w > z", "Clip z low > y"])), [[-0.5, most]]);
  assert.deepEqual(clamps(of(["Conv x w > z", "Clip z _ high > y"])), [[-most, 0.75]]);
  assert.deepEqual(clamps(of(["Conv x w > z", "Clip z > y"])), [[-most, most]]);
  assert.deepEqual(clamps(of(["Conv x w > z", "Clip z low endless > y"])), [[-0.5, most]]);
});

test("fuseClamps takes the first of two clamps only, and the plan still clamps twice", async () => {
  const graph = of(["Conv x w > z", "Relu z > r", "Clip r low high > y"]);
  assert.equal(typesOf(fuseClamps(graph)), "Conv Clip");
  const y = (await outputsOf(graph)).get("y")!;
  assert.ok(y.some((v) => v === 0) && y.some((v) => v === 0.75) && y.every((v) => v >= 0 && v <= 0.75));
});

for (
  const [what, graph] of [
    ["a value that two nodes read", of(["Conv x w > z", "Relu z > y", "Neg z > n"], ["y", "n"])],
    ["a value that is an output", of(["Conv x w > z", "Relu z > y"], ["z", "y"])],
    ["a clamp to bounds that come with the data", of(["Conv x w > z", "Clip z b > y"], ["y"], { b: [] })],
    ["what cannot clamp", of(["Relu x > z", "Relu z > y"])],
  ] as const
) {
  test(`fuseClamps leaves ${what}`, () => {
    assert.equal(fuseClamps(graph), graph);
  });
}

test("fuseResiduals gives a sum to the later of two convolutions, and the clamp after it follows", async () => {
  const lines = ["Conv x w > a", "Conv x w > b", "Relu b > c", "Conv c v > d", "Add d a > s", "Relu s > y"];
  const graph = of(lines);
  const fused = verify(fuseClamps(fuseResiduals(graph)));
  assert.equal(typesOf(fused), "Conv Conv Conv");
  assert.deepEqual(fused.nodes[2].inputs, ["c", "v", "", "a"]);
  // Without the planner's fusions: the sum is an output, too.
  const [alone, together] = [await outputsOf(of(lines, ["y", "d"])), await outputsOf(graph)];
  together.get("y")!.forEach((v, i) => assert.ok(Math.abs(v - alone.get("y")![i]) < 1e-5));
});

for (
  const [what, lines] of [
    ["a sum that is broadcast", ["Conv x w > z", "Add z low > y"]],
    ["a clamp between them", ["Conv x w > z", "Relu z > c", "Add c r > y"]],
    ["what is added to itself", ["Conv x w > z", "Add z z > y"]],
  ] as const
) {
  test(`fuseResiduals leaves ${what}`, () => {
    const graph = of([...lines], ["y"], { r: [1, 6, 3, 3] });
    assert.equal(fuseResiduals(graph), graph);
  });
}

test("fuseResiduals leaves a product that clamps already", () => {
  for (
    const lines of [["Conv x w > z", "Relu z > c", "Add c r > y"], [
      "MatMul m k > z",
      "Relu z > c",
      "Add c s > y",
    ]]
  ) {
    const graph = of(lines, ["y"], { r: [1, 6, 3, 3], m: [2, 3, 4], s: [2, 3, 8] });
    const clamped = fuseClamps(graph);
    assert.notEqual(clamped, graph);
    assert.equal(fuseResiduals(clamped), clamped);
  }
});

test("fuseResiduals gives a matrix product its bias, and a sum of its shape", async () => {
  for (const added of ["vector", "r"]) {
    const graph = of(["MatMul m k > z", `Add z ${added} > y`], ["y"], { m: [2, 3, 4], r: [2, 3, 8] });
    assert.equal(typesOf(fuseResiduals(graph)), "MatMul");
    const alone = await outputsOf(
      of(["MatMul m k > z", `Add z ${added} > y`], ["y", "z"], { m: [2, 3, 4], r: [2, 3, 8] }),
    );
    (await outputsOf(graph)).get("y")!.forEach((v, i) => assert.ok(Math.abs(v - alone.get("y")![i]) < 1e-5));
  }
});

const codes = {
  s: scalar(0.02),
  t: scalar(0.03),
  z: tensor("int8", [], [3]),
  u: tensor("uint8", [], [128]),
};
const rounding = (lines: string[], outputs = ["y"]) =>
  inferShapes(network(lines.map((line) => node(line)), { x: [2, 9] }, codes, outputs));

test("fuseRounding turns a quantizer and its dequantizer into one rounding", () => {
  for (const [zero, low, high] of [["z", -128, 127], ["u", 0, 255], ["_", 0, 255]] as const) {
    const graph = rounding([`QuantizeLinear x s ${zero} > q`, `DequantizeLinear q s ${zero} > y`]);
    const fused = verify(fuseRounding(graph));
    assert.equal(typesOf(fused), "FakeQuantize");
    assert.deepEqual(fused.nodes[0].attributes.get("code_low"), intAttribute(low));
    assert.deepEqual(fused.nodes[0].attributes.get("code_high"), intAttribute(high));
  }
});

test("fuseRounding changes no element", async () => {
  const lines = ["QuantizeLinear x s z > q", "DequantizeLinear q s z > y"];
  const fused = (await outputsOf(rounding(lines))).get("y");
  const apart = (await outputsOf(rounding(lines, ["y", "q"]))).get("y");
  assert.deepEqual(fused, apart);
});

test("fuseRounding leaves codes that are read by another scale or zero point", () => {
  for (const reader of ["DequantizeLinear q t z > y", "DequantizeLinear q s > y"]) {
    assert.equal(
      typesOf(fuseRounding(rounding(["QuantizeLinear x s z > q", reader]))),
      "QuantizeLinear DequantizeLinear",
    );
  }
});

test("fuseRounding keeps codes with another reader", () => {
  const lines = ["QuantizeLinear x s z > q", "DequantizeLinear q s z > y"];
  assert.equal(typesOf(fuseRounding(rounding(lines, ["y", "q"]))), "QuantizeLinear FakeQuantize");
});
