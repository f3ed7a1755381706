// Kernels by name.
import assert from "node:assert/strict";
import test from "node:test";
import { nameOf, withElement } from "../../src/kernels/kernel.ts";
import { kernelNamed } from "../../src/kernels/named.ts";
import { allKernels } from "../shaders.ts";

test("kernelNamed finds every kernel, over every element type: src/kernels/mod.ts has all files", async () => {
  for (const { kernel } of await allKernels()) {
    assert.equal(
      kernelNamed(nameOf(kernel)),
      kernel,
      `${nameOf(kernel)}: src/kernels/mod.ts has no line for its file`,
    );
    const overIntegers = withElement(kernel, "i32");
    assert.deepEqual(kernelNamed(nameOf(overIntegers)), overIntegers);
  }
  for (const name of ["", "conv", "where<f64>", "unary 1x1x1", "constructor"]) {
    assert.equal(kernelNamed(name), undefined, name);
  }
});
