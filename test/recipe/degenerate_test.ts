// Tensors with nothing to find a range from: whatever the method and the target, codes stand for what was there.
import assert from "node:assert/strict";
import test from "node:test";
import { methods } from "../../src/calibrate/solve.ts";
import type { Graph } from "../../src/graph/graph.ts";
import { calibrate, quantize, type QuantizeOptions } from "../../src/mod.ts";
import { referenceMachine } from "../../src/plan/interpret.ts";
import { presets } from "../../src/quantize/targets/all.ts";
import { floats, type Tensor, tensor } from "../../src/tensor/tensor.ts";
import { distance, filled, network, node, outputsOf } from "../passes/network.ts";

const scaled = (weight: Tensor, factorOf: (channel: number) => number): Tensor => {
  const inner = floats(weight).length / weight.shape[0];
  return tensor("float32", weight.shape, floats(weight).map((w, i) => w * factorOf(Math.floor(i / inner))));
};
const plain = filled([4, 4, 3, 3], 1, -0.4, 0.4);

const withWeight = (w: Tensor, b: Tensor = filled([4], 3)): Graph =>
  network(
    [
      node("Conv x w b > c"),
      node("Relu c > r"),
      node("Conv r v > t"),
      node("Flatten t > f"),
      node("Gemm f h > y"),
    ],
    { x: [2, 4, 6, 6] },
    { w, b, v: filled([4, 4, 3, 3], 9, -0.2, 0.3), h: filled([16, 5], 7) },
    ["y"],
  );

const cases: Record<string, Graph> = {
  "a dead channel": withWeight(scaled(plain, (c) => c === 2 ? 0 : 1)),
  "a dead channel with a large bias": withWeight(
    scaled(plain, (c) => c === 2 ? 1e-7 : 1),
    tensor("float32", [4], [0.1, -0.2, 3, 0]),
  ),
  "a weight of zeros": withWeight(scaled(plain, () => 0)),
  "an activation that is always zero": withWeight(
    scaled(plain, () => 0),
    tensor("float32", [4], [-1, -1, -1, -1]),
  ),
  "a constant activation": withWeight(scaled(plain, () => 0), tensor("float32", [4], [0.7, 0.7, 0.7, 0.7])),
};

const asked: Partial<QuantizeOptions>[] = [
  ...methods.map((method) => ({ method })),
  ...presets.map((preset) => ({ preset })),
  { perChannel: false, equalize: "iterated", biasCorrection: "closed" },
  { perChannel: false, equalize: "vitis", biasCorrection: "vitis" },
  { statistic: "modal" },
  { weightMethod: "entropy", perChannel: false },
];

for (const [what, graph] of Object.entries(cases)) {
  test(`calibrate on ${what}: finite scales and outputs near the float model's, by every method and target`, async () => {
    const feed = filled([2, 4, 6, 6], 17);
    // One batch of one picture and its double: as little as a data set can be.
    const data = {
      count: 2,
      async *batches() {
        yield { feeds: new Map([["x", feed]]), count: 2 };
      },
    };
    const expected = await outputsOf(graph);
    for (const options of asked) {
      const { graph: float, encodings } = await calibrate(graph, data, referenceMachine(), options);
      const label = JSON.stringify(options);
      for (const [name, { scale }] of encodings) {
        assert.ok(scale.every((step) => step > 0 && Number.isFinite(step)), `${label} ${name}`);
      }
      const difference = distance(expected, await outputsOf(quantize(float, encodings)));
      assert.ok(difference <= 0.1, `${label}: outputs differ by ${difference}`);
    }
  });
}
