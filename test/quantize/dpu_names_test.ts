// Targets by name and by fingerprint.
import assert from "node:assert/strict";
import test from "node:test";
import { dpuNames, dpuOf } from "../../src/quantize/targets/dpu_names.ts";

test("dpuOf: names, and fingerprints of 2.5 and of 3.5, are the same DPU", () => {
  assert.equal(dpuNames.length, 29);
  for (const name of dpuNames) assert.equal(dpuOf(name), name);
  for (const text of ["0x101000016010407", "0x101000056010407"]) {
    assert.equal(dpuOf(text), "DPUCZDX8G_ISA1_B4096");
  }
});

test("dpuOf: fingerprints of configurable DPUs need not be listed", () => {
  // From a published report; it is in no list.
  assert.equal(dpuOf("0x603000b16013831"), "DPUCVDX8G_ISA3");
  assert.equal(dpuOf("0x603000b16013833"), undefined);
  assert.equal(dpuOf("0x10100001601040f"), undefined);
});

test("dpuOf: nothing else is a target", () => {
  for (const text of ["", "0x", "0x0", "DPU", "constructor", "0xffffffffffffffff"]) {
    assert.equal(dpuOf(text), undefined, text);
  }
});
