// Plans for devices with small bindings: the same results in parts, and clear errors if a node cannot be divided.
import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { observe } from "../../src/calibrate/observe.ts";
import { UnsupportedError } from "../../src/error.ts";
import { evaluate } from "../../src/evaluate/evaluate.ts";
import { referenceMachine } from "../../src/plan/interpret.ts";
import type { Limits } from "../../src/plan/limits.ts";
import type { Plan } from "../../src/plan/plan.ts";
import { run } from "../../src/run/run.ts";
import { planFor } from "../../src/passes/specialize.ts";
import { batches, describeNetwork } from "../ops/random_network.ts";
import { byMachine, oneNode } from "../ops/one_node.ts";
import { rows } from "../ops/rows/mod.ts";
import { node } from "../passes/network.ts";
import { assertWithin, isDivided, limitMachine } from "./limited.ts";
import { toys } from "./machine_suite.ts";
import { inParts } from "./parted.ts";
import { graphOf, planOf, random, type Toy } from "./toy_plan.ts";
import { seed } from "../seed.ts";

const reference = referenceMachine();

function planWithin(toy: Toy, limits: Limits): Plan {
  const shapes = new Map(Object.entries(toy.feeds).map(([name, { shape }]) => [name, shape]));
  return planFor(graphOf(toy), shapes, undefined, limits);
}

/** One image may be too large: then the message says so. */
function refusalOf(error: unknown): undefined {
  assert.ok(error instanceof UnsupportedError, `${error}`);
  assert.match(
    error.message,
    /^Cannot (bind|hold) ".+" on this device: it takes .+, expected at most .+; make the /,
  );
}

test(`random networks over batches beyond the limits give the same results in parts (seed ${seed})`, async () => {
  const limits = { bindingBytes: 8192, bufferBytes: 50_000 };
  let divided = 0;
  await fc.assert(
    fc.asyncProperty(batches, async (model) => {
      fc.pre(model.graph.nodes.length > 0);
      const plans: Plan[] = [];
      const found = await byMachine(limitMachine(reference, limits, plans), model).catch(refusalOf);
      fc.pre(found !== undefined);
      assert.deepEqual(found, await byMachine(reference, model), describeNetwork(model));
      for (const plan of plans) assertWithin(plan, limits);
      if (plans.some(isDivided)) divided++;
    }),
    { numRuns: 60, seed },
  );
  assert.ok(divided >= 8, `${divided} networks were divided`);
});

for (const [name, toy] of Object.entries(inParts)) {
  test(`${name} gives the same results in parts as whole`, async () => {
    const limits = { bindingBytes: toy.mostBytes, bufferBytes: 2 ** 22 };
    const { plan, feeds } = planOf(toy);
    const parts = planWithin(toy, limits);
    assert.ok(isDivided(parts));
    assertWithin(parts, limits);
    assert.deepEqual(await reference.run(parts, feeds), await reference.run(plan, feeds));
  });
}

test("every operator's rows give the same results within 512 bytes, or say what is too large", async () => {
  const limits = { bindingBytes: 512, bufferBytes: 2 ** 20 };
  const divided = new Set<string>();
  for (const row of rows) {
    const plans: Plan[] = [];
    const model = oneNode(row);
    const found = await byMachine(limitMachine(reference, limits, plans), model).catch(refusalOf);
    if (!found) continue;
    assert.deepEqual(found, await byMachine(reference, model), `${row.opType}, ${row.about}`);
    if (plans.some(isDivided)) divided.add(row.opType);
  }
  assert.ok(divided.size >= 60, `rows of ${divided.size} operators were divided`);
});

test("plans of the suite are unchanged if everything fits", () => {
  for (const toy of Object.values(toys)) {
    const limits = { bindingBytes: 2 ** 27, bufferBytes: 2 ** 31 - 1 };
    assert.deepEqual(planWithin(toy, limits), planOf(toy).plan);
  }
});

test("parts of a convolution pack its weights once", () => {
  const toy: Toy = {
    nodes: ["Conv x w > y"],
    feeds: { x: random([8, 4, 8, 8]) },
    constants: { w: random([4, 4, 3, 3], 2) },
    outputs: ["y"],
  };
  const plan = planWithin(toy, { bindingBytes: 4096, bufferBytes: 2 ** 20 });
  assert.deepEqual(plan.once.map(({ kernel }) => kernel.stem), ["pack_conv2d"]);
  assert.ok(plan.calls.filter(({ kernel }) => kernel.stem === "conv2d_tiled").length >= 3);
});

test("an image that cannot be bound is refused with its node, name, size and limit", () => {
  const toy: Toy = {
    nodes: ["Conv x w > y"],
    feeds: { x: random([2, 4, 32, 32]) },
    constants: { w: random([4, 4, 3, 3], 2) },
    outputs: ["y"],
  };
  assert.throws(() => planWithin(toy, { bindingBytes: 8192, bufferBytes: 2 ** 20 }), (error) => {
    assert.ok(error instanceof UnsupportedError);
    assert.deepEqual(error.where, ['Conv "y"']);
    const size = /^Cannot bind "x\S*" on this device: it takes 32 KiB, expected at most 8 KiB; /;
    assert.match(error.message, size);
    assert.match(error.message, /make the batch or the input smaller$/);
    return true;
  });
});

test("a tensor larger than a buffer is refused with its name, size and limit", () => {
  const big: Toy = {
    nodes: ["Relu x > y"],
    feeds: { x: random([3, 1000]) },
    outputs: ["y"],
  };
  assert.throws(() => planWithin(big, { bindingBytes: 4096, bufferBytes: 10_000 }), (error) => {
    assert.ok(error instanceof UnsupportedError);
    assert.match(
      error.message,
      /^Cannot hold "x" on this device: it takes 11.7 KiB, expected at most 9.8 KiB in one buffer; make the /,
    );
    return true;
  });
});

test("an arena larger than a buffer has several segments, with the same results", async () => {
  const toy: Toy = {
    nodes: [node("Relu x > a"), node("Sigmoid x > b"), node("Add a b > c"), node("Mul c a > y")],
    feeds: { x: random([4, 500]) },
    outputs: ["y", "b"],
  };
  const limits = { bindingBytes: 8192, bufferBytes: 10_000 };
  const { plan, feeds } = planOf(toy);
  const parts = planWithin(toy, limits);
  assert.equal(parts.segmentBytes, 9984);
  assert.ok(parts.arenaBytes > 2 * 9984);
  assertWithin(parts, limits);
  assert.deepEqual(await reference.run(parts, feeds), await reference.run(plan, feeds));
});

test("run, evaluate and observe make plans within their machine's limits", async () => {
  const graph = graphOf({
    nodes: ["Relu x > r", "Softmax r > y"],
    feeds: { x: random([37, 40]) },
    outputs: ["y"],
  });
  const limits = { bindingBytes: 2048, bufferBytes: 2 ** 20 };
  const plans: Plan[] = [];
  const machine = limitMachine(reference, limits, plans);
  const x = random([37, 40], 3);
  const data = async function* () {
    yield { feeds: new Map([["x", x]]), count: 37 };
  };
  await run(graph, { x }, machine);
  await evaluate(graph, graph, machine, data);
  // Histograms are not divided.
  await assert.rejects(observe(graph, ["r"], machine, data), /Cannot bind "r" on this device/);
  assert.equal(plans.length, 2);
  for (const plan of plans) {
    assert.ok(isDivided(plan));
    assertWithin(plan, limits);
  }
});
