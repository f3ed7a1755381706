// Bias correction by kind of layer: the closed form against the measured shift of the outputs' means.
import assert from "node:assert/strict";
import test from "node:test";
import { biasCorrections, correctBias, uncorrectedWarnings } from "../../src/calibrate/correct_bias.ts";
import type { Graph } from "../../src/graph/graph.ts";
import { layersOf } from "../../src/passes/layers.ts";
import { referenceMachine } from "../../src/plan/interpret.ts";
import type { Encodings } from "../../src/quantize/encoding.ts";
import { insertQdq } from "../../src/quantize/insert_qdq.ts";
import { encodeWeights, fullRange } from "../../src/quantize/weights.ts";
import type { Shape } from "../../src/tensor/shape.ts";
import { floats } from "../../src/tensor/tensor.ts";
import { fill, network, node, outputsOf } from "../passes/network.ts";
import { layerKinds } from "./layers.ts";

const batchesOf = (graph: Graph, times: number) =>
  async function* () {
    const feed = fill(graph.values.get("x")!.shape as Shape, 17);
    for (let i = 0; i < times; i++) yield { feeds: new Map([["x", feed]]), count: feed.shape[0] };
  };

const encodingsOf = (graph: Graph): Encodings => {
  const { shape, constant } = graph.values.get("w")!;
  const scheme = { bits: 3, signed: true, symmetric: true };
  return new Map([["w", encodeWeights(floats(constant!), shape as Shape, scheme, undefined, fullRange)]]);
};

/** The mean of each output channel: along axis 1 of images, else along the last. */
async function means(graph: Graph): Promise<number[]> {
  const y = (await outputsOf(graph)).get("y")!;
  const layer = [...layersOf(graph).values()].at(0);
  const channels = graph.values.get("b")!.constant!.shape.at(-1)!;
  const images = (graph.values.get("x")!.shape as Shape).length === 4;
  const inner = images ? y.length / 3 / channels : 1;
  assert.ok(!layer || layer.outputs === channels);
  const sums = new Array(channels).fill(0);
  y.forEach((value, i) => sums[Math.floor(i / inner) % channels] += value * channels / y.length);
  return sums;
}

const away = (found: number[], from: number[]) =>
  found.reduce((most, value, c) => Math.max(most, Math.abs(value - from[c])), 0);

for (const [kind, graph] of Object.entries(layerKinds)) {
  test(`correctBias closed on ${kind}: every channel's mean is the float model's`, async () => {
    const encodings = encodingsOf(graph);
    const corrected = await correctBias("closed", graph, encodings, referenceMachine(), batchesOf(graph, 2));
    const [float, before, after] = [
      await means(graph),
      await means(insertQdq(encodings)(graph)),
      await means(insertQdq(encodings)(corrected)),
    ];
    assert.ok(away(before, float) > 1e-2, `rounding moved means by ${away(before, float)} only`);
    assert.ok(away(after, float) < 1e-5, `${away(before, float)} became ${away(after, float)}`);
    assert.deepEqual(corrected.values.get("b")!.shape, graph.values.get("b")!.shape);
  });

  for (const form of biasCorrections) {
    test(`correctBias ${form} on ${kind}: weights stay, means come closer`, async () => {
      const encodings = encodingsOf(graph);
      const corrected = await correctBias(form, graph, encodings, referenceMachine(), batchesOf(graph, 40));
      assert.deepEqual(corrected.values.get("w")!.constant, graph.values.get("w")!.constant);
      const float = await means(graph);
      const distanceOf = async (one: Graph) => away(await means(insertQdq(encodings)(one)), float);
      assert.ok(await distanceOf(corrected) < await distanceOf(graph));
    });
  }
}

test("uncorrectedWarnings names quantized products with no row behind them", () => {
  const nodes = [node("MatMul x w > y")];
  const bare = network(nodes, { x: [2, 4] }, { w: fill([4, 3], 1) }, ["y"]);
  assert.match(
    uncorrectedWarnings(bare, encodingsOf(bare)).join(),
    /^bias correction leaves out "\w+": nothing is added/,
  );
  assert.deepEqual(uncorrectedWarnings(bare, new Map()), []);
  for (const graph of Object.values(layerKinds)) {
    assert.deepEqual(uncorrectedWarnings(graph, encodingsOf(graph)), []);
  }
});
