import assert from "node:assert/strict";
import test from "node:test";
import { evaluate } from "../../src/evaluate/evaluate.ts";
import type { Graph } from "../../src/graph/graph.ts";
import { referenceMachine } from "../../src/plan/interpret.ts";
import type { Batch } from "../../src/plan/machine.ts";
import { tensor } from "../../src/tensor/tensor.ts";
import { toyGraph } from "../graph/toy.ts";

/** Two classes a sample. */
function classifier(node: string): Graph {
  const graph = toyGraph(node);
  return { ...graph, values: new Map([...graph.values, ["x", { dtype: "float32", shape: ["N", 2] }]]) };
}

const samples = [[1, 2], [3, 1], [5, 4]];
const labels = [1, 0, 1];

/** The samples in batches of this size, the last one filled up with its last sample. */
async function* batches(size: number): AsyncGenerator<Batch> {
  for (let from = 0; from < samples.length; from += size) {
    const real = samples.slice(from, from + size);
    const filled = Array.from({ length: size }, (_, i) => real[Math.min(i, real.length - 1)]);
    yield {
      feeds: new Map([["x", tensor("float32", [size, 2], filled.flat())]]),
      labels: labels.slice(from, from + size),
      count: real.length,
    };
  }
}

test("evaluate: accuracy and agreement count no padding", async () => {
  for (const size of [1, 2, 3, 4, 5]) {
    const found = await evaluate(
      classifier("Relu x > y"),
      classifier("Add x w > y"),
      referenceMachine(),
      () => batches(size),
    );
    assert.equal(found.images, 3);
    assert.equal(found.agreement, 1);
    assert.equal(found.float!.top1, 200 / 3);
    assert.equal(found.logitsDifference, 1);
    assert.ok(Math.abs(found.outputSqnrDb - 10 * Math.log10(56 / 6)) < 1e-9);
  }
});

test("evaluate: opposite answers never agree", async () => {
  const found = await evaluate(
    classifier("Relu x > y"),
    classifier("Neg x > y"),
    referenceMachine(),
    () => batches(2),
  );
  assert.equal(found.agreement, 0);
  assert.equal(found.quantized!.top1, 100 / 3);
});
