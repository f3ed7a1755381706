// A machine with small limits, so that small plans must be divided; and a check that they are.
import assert from "node:assert/strict";
import type { Limits } from "../../src/plan/limits.ts";
import type { Machine } from "../../src/plan/machine.ts";
import { alignmentBytes } from "../../src/plan/place.ts";
import type { Plan } from "../../src/plan/plan.ts";
import { arenaBuffers, overlaps, readsOfNothing } from "./overlaps.ts";

/** The machine with these limits; `plans` collects the plans that it runs. */
export function limitMachine(machine: Machine, limits: Limits, plans: Plan[] = []): Machine {
  return {
    ...machine,
    limits,
    run(plan, feeds) {
      plans.push(plan);
      return machine.run(plan, feeds);
    },
  };
}

export function isDivided(plan: Plan): boolean {
  return [...plan.buffers.values()].some(({ home }) => home === "window");
}

/** Checks that no call binds more than the device allows, windows are aligned, and the arena is sound. */
export function assertWithin(plan: Plan, { bindingBytes, bufferBytes }: Limits) {
  for (const { kernel, buffers } of [...plan.once, ...plan.calls]) {
    for (const name of Object.values(buffers).filter((name) => name !== undefined)) {
      const buffer = plan.buffers.get(name)!;
      assert.ok(buffer.words * 4 <= bindingBytes, `${kernel.stem} binds ${buffer.words} words of ${name}`);
      if (buffer.home !== "window") continue;
      const root = plan.buffers.get(buffer.of)!;
      assert.equal(buffer.offset % alignmentBytes, 0, name);
      assert.ok(root.home !== "window" && buffer.offset / 4 + buffer.words <= root.words, name);
    }
  }
  const placed = arenaBuffers(plan);
  assert.deepEqual(overlaps(placed), []);
  assert.deepEqual(readsOfNothing(plan), []);
  const { segmentBytes = Infinity } = plan;
  for (const { name, offset, bytes } of placed) {
    assert.ok(bytes <= bufferBytes, name);
    assert.equal(Math.floor(offset / segmentBytes), Math.floor((offset + bytes - 1) / segmentBytes), name);
  }
}
