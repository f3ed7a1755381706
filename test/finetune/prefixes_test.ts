// The values kept between sweeps change the cost, not the result.
import assert from "node:assert/strict";
import test from "node:test";
import { prefixesOf } from "../../src/finetune/prefixes.ts";
import type { FinishedLayer } from "../../src/finetune/tunable.ts";
import { tuneLayers } from "../../src/finetune/tune_layers.ts";
import type { Graph } from "../../src/graph/graph.ts";
import { referenceMachine } from "../../src/plan/interpret.ts";
import type { Batch, Machine } from "../../src/plan/machine.ts";
import { calibrateGraph } from "../../src/recipe.ts";
import { defaultOptions, recipeOf } from "../../src/recipe/options.ts";
import { floats, tensor } from "../../src/tensor/tensor.ts";
import { seededFloats } from "../kernels/row.ts";
import { graphOf, random } from "../plan/toy_plan.ts";

const residual: Graph = graphOf({
  nodes: ["MatMul x u > a", "Relu a > b", "MatMul b v > c", "Add c x > d", "MatMul d w > y"],
  feeds: { x: random([16, 8]) },
  constants: { u: random([8, 12], 2), v: random([12, 8], 3), w: random([8, 4], 4) },
  outputs: ["y"],
});

/** Three batches; counts how often they are read. */
function threeBatches() {
  const read = { sweeps: 0 };
  async function* batches(): AsyncGenerator<Batch> {
    read.sweeps++;
    for (const seed of [5, 6, 7]) {
      yield { feeds: new Map([["x", tensor("float32", [16, 8], seededFloats(128, seed))]]), count: 16 };
    }
  }
  return { read, batches };
}

/** A machine that counts kernel calls. */
function counting(): { machine: Machine; calls: () => number } {
  const machine = referenceMachine();
  let calls = 0;
  const run: Machine["run"] = (plan, feeds) => {
    calls += plan.calls.length;
    return machine.run(plan, feeds);
  };
  return { machine: { ...machine, run }, calls: () => calls };
}

async function tuneWithin(budgetBytes: number) {
  const { batches } = threeBatches();
  const recipe = recipeOf({ ...defaultOptions, weightBits: 3 }, residual);
  const calibrated = await calibrateGraph(residual, recipe, referenceMachine(), batches);
  const { machine, calls } = counting();
  const { tuned, layers } = await tuneLayers(calibrated, machine, batches, {}, {}, budgetBytes);
  const weights = ["u", "v", "w"].map((name) => Array.from(floats(tuned.graph.values.get(name)!.constant!)));
  return { weights, layers, calls: calls() };
}

test("tuneLayers: any budget gives the same result; a larger one needs fewer calls", async () => {
  const [all, some, none] = await Promise.all([Infinity, 2000, 0].map(tuneWithin));
  assert.ok(all.layers.every(({ why }) => !why), JSON.stringify(all.layers));
  assert.deepEqual([some.weights, some.layers], [all.weights, all.layers]);
  assert.deepEqual([none.weights, none.layers], [all.weights, all.layers]);
  assert.ok(all.calls < some.calls && some.calls < none.calls, `${all.calls} ${some.calls} ${none.calls}`);
});

test("prefixesOf: drops values that no later sweep reads, and reads the data once", async () => {
  const { read, batches } = threeBatches();
  const prefixes = prefixesOf(residual, referenceMachine(), batches, Infinity);
  const upTo = (...outputs: string[]): Graph => ({ ...residual, outputs });
  const kept: number[] = [];
  for (
    const [graph, keep, later] of [
      [upTo("a"), ["b"], upTo("y")],
      [upTo("c"), ["d"], upTo("y")],
      [upTo("y"), [], upTo()],
    ] as const
  ) {
    for await (const outputs of prefixes.sweep({ graph, keep, later })) {
      assert.ok(graph.outputs.every((name) => outputs.has(name)));
    }
    kept.push(prefixes.keptBytes() / (3 * 16 * 4));
  }
  // x and b; then d; then nothing: numbers of columns.
  assert.deepEqual(kept, [8 + 12, 8, 0]);
  assert.equal(read.sweeps, 1);
});

test("tuneLayers: a layer whose second moments exceed the limit is tuned by gradient steps, with a note", async () => {
  const graph = graphOf({
    nodes: ["MatMul x u > a", "MatMul a v > y"],
    feeds: { x: random([2, 6000]) },
    constants: { u: random([6000, 4], 2), v: random([4, 3], 3) },
    outputs: ["y"],
  });
  async function* batches(): AsyncGenerator<Batch> {
    for (const seed of [5, 6, 7]) {
      yield { feeds: new Map([["x", random([2, 6000], seed)]]), count: 2 };
    }
  }
  const recipe = recipeOf({ ...defaultOptions, weightBits: 3 }, graph);
  const calibrated = await calibrateGraph(graph, recipe, referenceMachine(), batches);
  const { layers } = await tuneLayers(calibrated, referenceMachine(), batches, {}, { steps: 3 });
  assert.match(layers[0].note!, /^by gradient steps \(adaquant\): its second moments would take \d+ bytes/);
  assert.ok(layers[0].why || layers[0].after! < layers[0].before!);
  assert.equal(layers[1].why, undefined);
});

test("tuneLayers: resuming after some layers gives the same result", async () => {
  const { batches } = threeBatches();
  const recipe = recipeOf({ ...defaultOptions, weightBits: 3 }, residual);
  const calibrated = await calibrateGraph(residual, recipe, referenceMachine(), batches);
  const kept: FinishedLayer[] = [];
  const keep = (layer: FinishedLayer) => Promise.resolve(void kept.push(layer));
  const whole = await tuneLayers(calibrated, referenceMachine(), batches, { keep });
  assert.equal(kept.length, 3);
  for (const count of [1, 2, 3]) {
    const heard: number[] = [];
    const progress = (done: number) => void heard.push(done);
    const done = kept.slice(0, count);
    const resumed = await tuneLayers(calibrated, referenceMachine(), batches, { done, progress });
    assert.equal(heard[0], count);
    assert.deepEqual(resumed, whole);
  }
});
