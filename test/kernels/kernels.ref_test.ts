import assert from "node:assert/strict";
import test from "node:test";
import { openGpujsMachine } from "../../src/device/gpujs_machine.ts";
import { heavyKernels } from "../../src/device/gpujs_kernels.ts";
import { allRows } from "./all_rows.ts";
import { checkRow, trouble } from "./check.ts";
import { exact, nmse, ulp, within } from "./row.ts";

const machine = await openGpujsMachine();

for (const { kernel, rows } of [...(await allRows()).values()].flat()) {
  if (!heavyKernels.has(kernel.stem)) continue;
  for (const row of rows) {
    test(`${kernel.stem} on gpu.js equals its reference: ${row.name}`, () => checkRow(machine, kernel, row));
  }
}

test("closing the gpu.js machine", () => machine.close());

test("each kind of bound accepts and rejects the right differences", () => {
  const next = 1 + 2 ** -23;
  const off = (bound: Parameters<typeof trouble>[2], a: number, b: number) =>
    trouble([a] as never, [b] as never, bound);
  assert.equal(off(exact, 0, -0), undefined);
  assert.equal(off(exact, NaN, NaN), undefined);
  assert.match(off(exact, 1, next)!, /^\[0\] is 1, expected 1.0000001/);
  assert.equal(off(ulp(1, ""), 1, next), undefined);
  assert.match(off(ulp(0, ""), 1, next)!, /ulp 1, at most 0/);
  assert.match(off(ulp(9, ""), NaN, 1)!, /is NaN/);
  assert.equal(off(within(1, ""), 2, 3), undefined);
  assert.match(off(within(1, ""), 2, 3.5)!, /within 1.5/);
  assert.equal(off(nmse(0.1, ""), 0, 0), undefined);
  assert.match(off(nmse(0.1, ""), NaN, 1)!, /nmse is NaN/);
});
