// DPUs by name and by fingerprint.
import assert from "node:assert/strict";
import test from "node:test";
import { dpuLimits, dpuNames, dpuPreset, fingerprintProblem } from "../../src/dpu/names.ts";
import { presets } from "../../src/quantize/presets.ts";

test("dpuLimits: each of the 29 registered names", () => {
  assert.equal(dpuNames.length, 29);
  for (const name of dpuNames) assert.equal(dpuLimits(name)?.name, name);
  assert.ok(presets.includes(dpuPreset));
});

test("dpuLimits: fingerprints of 2.5 and of 3.5, in either case, are the same DPU", () => {
  for (const text of ["0x101000016010407", "0x101000056010407", "0X0101000056010407", "0x0101000016010407"]) {
    assert.equal(dpuLimits(text)?.name, "DPUCZDX8G_ISA1_B4096", text);
  }
  for (const text of ["0x501000000140fee", "0x501000000140FEE", "0X501000000140Fee"]) {
    assert.equal(dpuLimits(text)?.name, "DPUCVDX8H_ISA1_F2W2_8PE", text);
  }
});

test("dpuLimits: a registered name and its fingerprint have the same limits", () => {
  for (const name of dpuNames) {
    const limits = dpuLimits(name)!;
    assert.deepEqual(dpuLimits(`0x${limits.fingerprint.toString(16)}`), limits, name);
  }
});

test("dpuLimits: nothing else is a target", () => {
  const words = [
    "",
    "0x",
    "0x0",
    "DPU",
    "constructor",
    "0xffffffffffffffff",
    "0x80000000020c242",
    "0x1g",
    "-0x1",
  ];
  for (const text of words) assert.equal(dpuLimits(text), undefined, text);
});

const problems: [text: string, problem: RegExp | undefined][] = [
  ["DPUCZDX8G", undefined],
  ["0x101000016010407", undefined],
  ["0xff", /^its highest byte, 0, is no type of DPU$/],
  ["0x80000000020c242", /^its highest byte, 8, is no type of DPU$/],
  [
    "0x603000b16013833",
    /^its bits describe no DPUCVDX8G with instruction set 3: there is no such architecture/,
  ],
  ["0x20200000010002c", /^it is not registered, and a DPUCAHX8H with instruction set 2 is not described/],
];
test("fingerprintProblem: what is wrong with a fingerprint", () => {
  for (const [text, problem] of problems) {
    const found = fingerprintProblem(text);
    if (problem) assert.match(found!, problem);
    else assert.equal(found, undefined);
  }
});
