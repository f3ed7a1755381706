// Plans through engine files compute the same bits as before, on any machine.
import assert from "node:assert/strict";
import test from "node:test";
import { type Engine, engineBytes, parseEngine } from "../../src/files/engine.ts";
import { packPlan } from "../../src/plan/pack.ts";
import type { Feeds, Machine } from "../../src/plan/machine.ts";
import type { Plan } from "../../src/plan/plan.ts";
import { tensor } from "../../src/tensor/tensor.ts";
import { toys, walkPlan } from "../plan/machine_suite.ts";
import { planOf } from "../plan/toy_plan.ts";
import { noDigest } from "./forge_engine.ts";

export function throughFile(plan: Plan): Plan {
  const engine: Engine = {
    version: "1",
    model: { name: "toy", digest: "" },
    runs: [{ name: "toy", madeFor: {}, plan }],
  };
  return parseEngine(engineBytes(engine, noDigest), noDigest).runs[0].plan;
}

const state = new Map([["x", tensor("float32", [3], [1, 0, -1])]]);

export function engineAgreement(name: string, newMachine: () => Promise<Machine>): void {
  const plans: [string, () => { plan: Plan; feeds: Feeds }][] = [
    ...Object.entries(toys).map(([toy, made]) =>
      [toy, () => planOf(made)] as [string, () => ReturnType<typeof planOf>]
    ),
    ["states", () => ({ plan: walkPlan(), feeds: state })],
  ];
  test(`${name}: a plan from an engine file computes the same bits`, async () => {
    const machine = await newMachine();
    for (const [toy, make] of plans) {
      const { plan, feeds } = make();
      const loaded = throughFile(await packPlan(machine, await machine.tune?.(plan) ?? plan));
      assert.equal(loaded.once.length, 0);
      assert.deepEqual(await machine.run(loaded, feeds), await machine.run(plan, feeds), toy);
      for (const one of [plan, loaded]) machine.release(one);
    }
  });
}
