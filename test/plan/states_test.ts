// States: where they live, and which values cannot be states.
import assert from "node:assert/strict";
import test from "node:test";
import { planSteps } from "../../src/passes/specialize.ts";
import { referenceMachine } from "../../src/plan/interpret.ts";
import { printPlan } from "../../src/plan/print.ts";
import { intAttribute } from "../../src/graph/attribute.ts";
import { numbers, tensor } from "../../src/tensor/tensor.ts";
import { toyNode } from "../graph/toy.ts";
import { graphOf, type Toy } from "./toy_plan.ts";

const one = tensor("float32", [1], [1]);

/** States of one number each, initially 1. */
function planWithStates(nodes: Toy["nodes"], next: Record<string, string>, output: string) {
  const names = Object.keys(next);
  const graph = graphOf({
    nodes,
    feeds: Object.fromEntries(names.map((name) => [name, one])),
    constants: { one },
    outputs: [output],
  });
  return planSteps(
    graph,
    new Map(),
    new Map(names.map((name) => [name, { initial: one, next: next[name] }])),
  );
}

test("planSteps: values computed from states and constants alone are computed in every run", async () => {
  const plan = planWithStates(["Add count one > more"], { count: "more" }, "more");
  const machine = referenceMachine();
  const counted: number[] = [];
  for (let i = 0; i < 3; i++) counted.push(...numbers((await machine.run(plan, new Map())).get("more")!));
  assert.deepEqual(counted, [2, 3, 4]);
  assert.equal(plan.once.length, 0);
  assert.match(printPlan(plan), /^state count: float32\[1\]$/m);
});

test("planSteps: every state is read before any is updated", async () => {
  const plan = planWithStates(
    ["Add a a > b2", "Add b one > a2", "Add a b > sum"],
    { a: "a2", b: "b2" },
    "sum",
  );
  const machine = referenceMachine();
  const sums: number[] = [];
  for (let i = 0; i < 3; i++) sums.push(...numbers((await machine.run(plan, new Map())).get("sum")!));
  // (1, 1), (2, 2), (3, 4)
  assert.deepEqual(sums, [2, 4, 7]);
});

test("planSteps: refuses to carry another shape, or another state", () => {
  assert.throws(
    () => planWithStates([toyNode("Concat a a > twice", { axis: intAttribute(0) })], { a: "twice" }, "twice"),
    {
      message: 'Cannot carry "twice" over as "a": it is float32 [2], expected float32 [1]',
    },
  );
  assert.throws(() => planWithStates(["Identity b > c", "Add a c > y"], { a: "c", b: "y" }, "y"), {
    message: 'Cannot carry "b" over as "a": it is another state, expected a result of the run',
  });
});
