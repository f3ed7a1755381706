import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { intAttribute } from "../../src/graph/attribute.ts";
import { referenceMachine } from "../../src/plan/interpret.ts";
import type { Machine } from "../../src/plan/machine.ts";
import type { Plan } from "../../src/plan/plan.ts";
import { tensor } from "../../src/tensor/tensor.ts";
import { judge, type Verdict } from "./judge.ts";
import { type Case, relu, row, withVectors } from "./vector_folder.ts";

function verdictOn(one: Case, machine: Machine = referenceMachine()): Promise<Verdict> {
  return withVectors({ test_case: one }, (directory) => judge(join(directory, "test_case"), machine));
}

test("judge passes a case whose outputs are as expected, for every data set", async () => {
  assert.deepEqual(await verdictOn(relu(row(0, 2))), { passed: true });
  const second: Case = { opType: "Relu", sets: [[[row(-1, 2)], row(0, 2)], [[row(-3, 4)], row(3, 4)]] };
  assert.deepEqual(await verdictOn(second), {
    passed: false,
    why: 'output "y": 1 of 2 elements differ, the worst is 0 at [0], expected 3',
  });
});

test("judge fails an operator that halftone does not know", async () => {
  assert.deepEqual(await verdictOn({ opType: "Nonesuch", sets: [[[row(1)], row(1)]] }), {
    passed: false,
    why: "Cannot process 1 operators: Nonesuch are unknown to halftone",
    error: "UnsupportedError",
  });
});

test("judge runs a case whose shapes depend on an input", async () => {
  const shape = tensor("int64", [2], [2, 1]);
  const reshape: Case = {
    opType: "Reshape",
    sets: [[[row(3, 4), shape], tensor("float32", [2, 1], [3, 4])]],
  };
  assert.deepEqual(await verdictOn(reshape), { passed: true });
});

test("judge feeds data to the machine, empty data too", async () => {
  const [axes, empty] = [tensor("int64", [1], [1]), tensor("float32", [2, 0], [])];
  const fed: string[] = [];
  const machine = referenceMachine();
  const watching: Machine = {
    ...machine,
    run(plan, feeds) {
      fed.push(...plan.inputs.map(({ name }) => name));
      return machine.run(plan, feeds);
    },
  };
  const sum: Case = { opType: "ReduceSum", sets: [[[empty, axes], tensor("float32", [2, 1], [0, 0])]] };
  assert.deepEqual(await verdictOn(sum, watching), { passed: true });
  assert.deepEqual(fed, ["x0"]);
});

test("judge reports a missing or broken file, with the class of the error", async () => {
  const nowhere = await judge("nowhere", referenceMachine());
  assert.equal(nowhere.passed, false);
  assert.match(nowhere.why!, /no such file/i);
  const flat = await verdictOn({
    opType: "Softmax",
    attributes: { axis: intAttribute(7) },
    sets: [[[row(1)], row(1)]],
  });
  assert.equal(flat.error, "ModelError");
  assert.match(flat.why!, /^Softmax "y": Cannot infer a shape: Axis is 7/);
});

test("judge releases the plan if running it fails, and reports the first line of the error", async () => {
  const released: Plan[] = [];
  const broken: Machine = {
    ...referenceMachine(),
    run: () => Promise.reject(new TypeError("x is not a function\n  at y")),
    release: (plan) => void released.push(plan),
  };
  assert.deepEqual(await verdictOn(relu(row(0, 2)), broken), {
    passed: false,
    why: "TypeError: x is not a function",
    error: "TypeError",
  });
  assert.equal(released.length, 1);
});

test("judge names an output that the machine does not give", async () => {
  const mute: Machine = { ...referenceMachine(), run: () => Promise.resolve(new Map()) };
  assert.equal((await verdictOn(relu(row(0, 2)), mute)).why, 'output "y": it is missing');
});
