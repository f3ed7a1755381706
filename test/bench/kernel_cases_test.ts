import assert from "node:assert/strict";
import test from "node:test";
import { kernelCases } from "../../bench/engine/kernel_cases.ts";
import { nameOf } from "../../src/kernels/kernel.ts";
import { allKernels } from "../shaders.ts";

const cases = kernelCases();

test("every kernel with variants has a case in the bench, and so has every variant", async () => {
  const timed = new Set(cases.flatMap(({ kernel, sample }) => {
    const others = kernel.variants!.others(sample.numbers, Infinity);
    return [kernel, ...others].map(nameOf);
  }));
  for (const { kernel: { stem, variants } } of await allKernels()) {
    if (variants) assert.ok(timed.has(stem), stem);
  }
  const others = ["conv2d_tile", "conv2d_wide", "histogram_lanes", "matmul_split", "matmul_tile"];
  for (const name of [...others, "qconv2d_tile", "qconv2d_matrix 16x16x32"]) {
    assert.ok(timed.has(name), name);
  }
  assert.ok(cases.some(({ sample }) => sample.numbers.nibbles));
});

test("names of cases are unique, and a product counts as two operations", () => {
  assert.equal(new Set(cases.map(({ name }) => name)).size, cases.length);
  const operations = Object.fromEntries(cases.map(({ name, operations }) => [name, operations]));
  assert.equal(operations["MatMul 512³"], 2 * 512 ** 3);
  assert.equal(operations["Conv 3×3 64→64 at 56²"], 2 * 9 * 64 * 64 * 56 ** 2);
  assert.equal(operations["QLinearConv 1×1 256→64 at 56²"], 2 * 256 * 64 * 56 ** 2);
});
