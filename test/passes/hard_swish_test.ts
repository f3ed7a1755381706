// SiLU to HardSwish: however it is written, but nothing that only resembles it.
import assert from "node:assert/strict";
import test from "node:test";
import { floatAttribute } from "../../src/graph/attribute.ts";
import type { Graph } from "../../src/graph/graph.ts";
import { siluToHardSwish } from "../../src/passes/hard_swish.ts";
import { floats } from "../../src/tensor/tensor.ts";
import { distance, fill, network, node, outputsOf, typesOf } from "./network.ts";

const graphOf = (nodes: string[], opset = 14, outputs = ["y"]): Graph =>
  network(nodes.map((line) => node(line)), { x: [2, 9], z: [2, 9] }, {}, outputs, opset);

const silus: [string, Graph, string][] = [
  ["the product", graphOf(["Sigmoid x > s", "Mul x s > y"]), "HardSwish"],
  ["the product turned round", graphOf(["Sigmoid x > s", "Mul s x > y"]), "HardSwish"],
  ["before opset 14", graphOf(["Sigmoid x > s", "Mul x s > y"], 13), "HardSigmoid Mul"],
  ["Swish", graphOf(["Swish x > y"], 24), "HardSwish"],
  [
    "another reader of the sigmoid",
    graphOf(["Sigmoid x > s", "Mul x s > y", "Relu s > w"], 14, ["y", "w"]),
    "Sigmoid HardSwish Relu",
  ],
];
for (const [what, graph, types] of silus) {
  test(`siluToHardSwish: ${what}`, async () => {
    const changed = siluToHardSwish(graph);
    assert.equal(typesOf(changed), types);
    const { values } = graph;
    const x = floats(fill(values.get("x")!.shape as number[], 17));
    const expected = x.map((v) => v * Math.min(Math.max(v / 6 + 0.5, 0), 1));
    const y = (await outputsOf(changed)).get("y")!;
    assert.ok(distance(new Map([["y", y]]), new Map([["y", expected]])) < 1e-6);
  });
}

test("siluToHardSwish leaves a sigmoid of another value, and another slope, alone", () => {
  const gate = graphOf(["Sigmoid z > s", "Mul x s > y"]);
  assert.equal(siluToHardSwish(gate), gate);
  const steep = network(
    [node("Swish x > y", { alpha: floatAttribute(1.702) })],
    { x: [2, 9] },
    {},
    ["y"],
    24,
  );
  assert.equal(siluToHardSwish(steep), steep);
});
