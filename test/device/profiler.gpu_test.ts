// Profiled runs give the results of plain ones, on both runtimes. Times must be present, not short.
import assert from "node:assert/strict";
import test from "node:test";
import { openAdapter } from "../../src/device/adapter.ts";
import { gpuMachine } from "../../src/device/gpu_machine.ts";
import type { Machine, Profile } from "../../src/plan/machine.ts";
import { planOf, random } from "../plan/toy_plan.ts";
import { gpu } from "./gpu.ts";

const network = () =>
  planOf({
    nodes: ["Conv x w > c", "Relu c > r", "GlobalAveragePool r > g", "Flatten g > y"],
    feeds: { x: random([2, 3, 7, 8]) },
    constants: { w: random([6, 3, 3, 3], 2) },
    outputs: ["y", "r"],
  });

const stages = ["enqueueMs", "uploadMs", "computeMs", "readBackMs"] as const;

function assertTimes(found: Profile, clock: Profile["clock"]) {
  assert.equal(found.clock, clock);
  for (const stage of stages) assert.ok(found[stage] >= 0 && found[stage] < 1e5, `${stage} ${found[stage]}`);
}

for (const runtime of ["dawn", "deno"] as const) {
  const skip = runtime === "deno" && !("Deno" in globalThis) ? "Deno's WebGPU is in Deno only" : false;

  test(
    `${runtime}: a profiled run gives what a plain one does, with times of all stages`,
    { skip },
    async () => {
      const machine = await gpu(runtime);
      const { plan, feeds } = network();
      const { compileMs, uploadMs } = await machine.load!(plan);
      assert.ok(compileMs > 0 && uploadMs > 0);
      const plain = await machine.run(plan, feeds);
      const [once, again] = [await machine.profile!(plan, feeds), await machine.profile!(plan, feeds, true)];
      for (const found of [once, again]) {
        assert.deepEqual(found.outputs, plain);
        assertTimes(found, "gpu");
      }
      assert.equal(once.callMs, undefined);
      assert.equal(again.callMs?.length, plan.calls.length);
      assert.ok(again.callMs.every((ms) => ms >= 0) && again.callMs.some((ms) => ms > 0));
      machine.release(plan);
    },
  );

  test(`${runtime}: profiled runs may overlap, with each other and with plain ones`, { skip }, async () => {
    const machine = await gpu(runtime);
    const { plan, feeds } = network();
    const other = new Map([["x", random([2, 3, 7, 8], 9)]]);
    const expected = [await machine.run(plan, feeds), await machine.run(plan, other)];
    const found = await Promise.all([
      machine.profile!(plan, feeds).then(({ outputs }) => outputs),
      machine.profile!(plan, other).then(({ outputs }) => outputs),
      machine.run(plan, feeds),
      machine.profile!(plan, other, true).then(({ outputs }) => outputs),
    ]);
    assert.deepEqual(found, [expected[0], expected[1], expected[0], expected[1]]);
    machine.release(plan);
  });
}

async function withoutTimestamps(): Promise<{ machine: Machine; device: GPUDevice }> {
  const opened = await openAdapter("auto");
  const device = await opened.adapter.requestDevice();
  return { machine: gpuMachine(device, opened), device };
}

test("without timestamps, the host times stages, and calls are not timed", async () => {
  const { machine } = await withoutTimestamps();
  const { plan, feeds } = network();
  const found = await machine.profile!(plan, feeds, true);
  assertTimes(found, "host");
  assert.equal(found.callMs, undefined);
  assert.deepEqual(found.outputs, await machine.run(plan, feeds));
  machine.close();
});

test("on a lost device, a profiled run fails like a plain one", async () => {
  const { machine, device } = await withoutTimestamps();
  const { plan, feeds } = network();
  await machine.profile!(plan, feeds);
  device.destroy();
  const lost = { name: "DeviceError", message: /the device was lost/ };
  await assert.rejects(machine.profile!(plan, feeds), lost);
  await assert.rejects(machine.run(plan, feeds), lost);
});
