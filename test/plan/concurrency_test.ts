import assert from "node:assert/strict";
import test from "node:test";
import { planFor } from "../../src/passes/specialize.ts";
import { stepMachine } from "../../src/plan/interpret.ts";
import { floats } from "../../src/tensor/tensor.ts";
import { fill, network, node } from "../passes/network.ts";

const graph = network([node("Conv x w > y")], { x: [1, 4, 3, 3] }, { w: fill([4, 4, 3, 3]) }, ["y"]);
const plan = planFor(graph, new Map([["x", [1, 4, 3, 3]]]));

test("stepMachine: two first runs at once load a plan once, and both are right", async () => {
  assert.ok(plan.once.length > 0, "nothing is packed, so this test shows nothing");
  const calls: string[] = [];
  const machine = stepMachine("slow", async (call, buffers) => {
    await new Promise((resolve) => setTimeout(resolve));
    calls.push(call.kernel.stem);
    call.kernel.reference(buffers, call.numbers, call.kernel.element);
  });
  const feeds = new Map([["x", fill([1, 4, 3, 3], 5)]]);
  const [a, b] = await Promise.all([machine.run(plan, feeds), machine.run(plan, feeds)]);
  assert.deepEqual(floats(a.get("y")!), floats(b.get("y")!));
  assert.equal(calls.length, plan.once.length + 2 * plan.calls.length);
});

test("stepMachine: a load that fails is tried again by the next run", async () => {
  let failures = 1;
  const machine = stepMachine("moody", (call, buffers) => {
    if (failures-- > 0) throw new Error("not today");
    call.kernel.reference(buffers, call.numbers, call.kernel.element);
  });
  const feeds = new Map([["x", fill([1, 4, 3, 3], 5)]]);
  await assert.rejects(machine.run(plan, feeds), /not today/);
  assert.ok((await machine.run(plan, feeds)).has("y"));
});
