// Packing ahead: what the calls of `once` make becomes constants, and nothing else changes.
import assert from "node:assert/strict";
import test from "node:test";
import { referenceMachine } from "../../src/plan/interpret.ts";
import type { Machine } from "../../src/plan/machine.ts";
import { packPlan } from "../../src/plan/pack.ts";
import { network, walkPlan } from "./machine_suite.ts";
import { planOf } from "./toy_plan.ts";

test("packPlan: packed weights and constants are words, unused constants and calls are gone", async () => {
  const { plan } = planOf(network);
  assert.ok(plan.once.length > 0);
  const packed = await packPlan(referenceMachine(), plan);
  assert.deepEqual([packed.once, packed.calls, packed.arenaBytes], [[], plan.calls, plan.arenaBytes]);
  const used = new Set(plan.calls.flatMap(({ buffers }) => Object.values(buffers)));
  for (const [name, before] of plan.buffers) {
    const after = packed.buffers.get(name);
    if (!used.has(name)) assert.equal(after, undefined, name);
    else if (before.home === "arena") assert.deepEqual(after, before);
    else {
      assert.ok(after?.home === "constant", name);
      assert.equal(after.tensor.bytes.length, 4 * after.words);
      assert.deepEqual([after.words, after.type], [before.words, before.type]);
    }
  }
});

test("packPlan: packing runs once, is released, and states stay states", async () => {
  const reference = referenceMachine();
  const calls: string[] = [];
  const machine: Machine = {
    ...reference,
    run: (plan, feeds, read) => (calls.push("run"), reference.run(plan, feeds, read)),
    release: () => calls.push("release"),
  };
  await packPlan(machine, planOf(network).plan);
  assert.deepEqual(calls, ["run", "release"]);
  const walk = walkPlan();
  const packed = await packPlan(machine, walk);
  assert.deepEqual([packed.states, packed.buffers.get("at")], [walk.states, walk.buffers.get("at")]);
  assert.deepEqual(calls, ["run", "release", "release"]);
});
