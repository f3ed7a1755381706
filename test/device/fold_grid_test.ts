import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { foldGrid } from "../../src/device/program.ts";
import { DeviceError } from "../../src/error.ts";

test("foldGrid covers a long first dimension within the limits and wastes less than a row", () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 2 ** 26 }), (groups) => {
    const [x, y, z] = foldGrid([groups]);
    assert.ok(x <= 65535 && y <= 65535 && z === 1);
    assert.ok(x * y >= groups && x * y - groups < y);
  }));
});

test("foldGrid keeps grids within the limits, and throws if line_of could not reverse it", () => {
  assert.deepEqual(foldGrid([65535, 3]), [65535, 3, 1]);
  assert.deepEqual(foldGrid([65536]), [32768, 2, 1]);
  assert.throws(() => foldGrid([65536, 2]), DeviceError);
});
