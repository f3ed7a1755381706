// Assumptions of the tuner about kernels with variants: samples represent their buckets, steps replace their call.
import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { withVariants } from "../../src/device/tuner.ts";
import { samplePlan } from "../../src/device/trial.ts";
import { conv2dTiled } from "../../src/kernels/conv2d_tiled.ts";
import {
  type Kernel,
  nameOf,
  type Numbers,
  type Sample,
  type SampleBuffer,
} from "../../src/kernels/kernel.ts";
import { matmulQuads, productSample } from "../../src/kernels/matmul_quads.ts";
import { qconv2dTiled } from "../../src/kernels/qconv2d_tiled.ts";
import { referenceMachine } from "../../src/plan/interpret.ts";
import { elements } from "../../src/tensor/tensor.ts";
import { trouble } from "./check.ts";
import { seededFloats, sums } from "./row.ts";

const upTo = (max: number) => fc.integer({ min: 1, max });
const window = { kernel_y: upTo(7), kernel_x: upTo(7) };
const sizes = { pixels: upTo(200_000), blocks: upTo(512), out_blocks: upTo(512), ...window };
const convolutions: fc.Arbitrary<Numbers> = fc.record({ ...sizes, has_bias: fc.nat(1) });
const coded: fc.Arbitrary<Numbers> = fc.record({ ...sizes, nibbles: fc.nat(1) });
const products: fc.Arbitrary<Numbers> = fc.record({
  batch: upTo(64),
  rows: upTo(5000),
  depth: upTo(5000).map((n) => n * 4),
  columns: upTo(2000).map((n) => n * 4),
  has_bias: fc.nat(1),
});
const tuned: readonly (readonly [Kernel, fc.Arbitrary<Numbers>])[] = [
  [conv2dTiled, convolutions],
  [qconv2dTiled, coded],
  [matmulQuads, products],
];

for (const [kernel, calls] of tuned) {
  const variants = kernel.variants!;
  const namesOf = (numbers: Numbers, speed: number) => variants.others(numbers, speed).map(nameOf);

  test(`${kernel.stem}: the full-size sample is in its call's bucket and has the same variants`, () => {
    fc.assert(fc.property(calls, (numbers) => {
      const whole = variants.sample(numbers, Infinity).numbers;
      assert.equal(variants.bucket(whole), variants.bucket(numbers));
      assert.equal(whole.nibbles, numbers.nibbles);
      assert.deepEqual(namesOf(whole, Infinity), namesOf(numbers, Infinity));
    }));
  });

  test(`${kernel.stem}: no sample exceeds the requested work, except the smallest`, () => {
    fc.assert(fc.property(calls, fc.integer({ min: 20, max: 29 }), (numbers, log2) => {
      const { work, sample } = variants;
      const least = work(sample(numbers, 0).numbers);
      // Pixels are rounded up to a square: at most a row and a column more.
      assert.ok(work(sample(numbers, 2 ** log2).numbers) <= Math.max(1.15 * 2 ** log2, least));
      assert.ok(least <= 2 ** 24);
    }));
  });

  test(`${kernel.stem}: slow devices do not compile tiles`, () => {
    fc.assert(fc.property(calls, (numbers) => {
      assert.ok(!namesOf(numbers, 2 ** 24).some((name) => /tile|wide|matrix/.test(name)));
    }));
  });
}

test("matmul_split and matmul_join compute what matmul_quads does", async () => {
  const size = { rows: upTo(6), depth: upTo(300).map((n) => n * 4), columns: upTo(6).map((n) => n * 4) };
  const sizes = fc.record({ batch: upTo(3), ...size });
  await fc.assert(
    fc.asyncProperty(sizes, fc.nat(1), async (size, has_bias) => {
      const sample = fillSample(productSample(size, has_bias));
      const plan = { ...samplePlan(matmulQuads, matmulQuads, sample) };
      const words = size.batch * size.rows * size.columns;
      const outputs = [{ name: "y", buffer: "y", dtype: "float32" as const, shape: [words] }];
      const [whole, parts] = await Promise.all(["matmul_quads", "matmul_split"].map(async (stem) => {
        const tuned = withVariants({ ...plan, outputs }, () => stem);
        return elements((await referenceMachine().run(tuned, new Map())).get("y")!) as Float32Array;
      }));
      assert.equal(trouble(parts, whole, sums), undefined);
    }),
    { numRuns: 40 },
  );
});

function fillSample({ numbers, buffers }: Sample): Sample {
  const contents = Object.entries(buffers).map(([name, buffer], i): [string, SampleBuffer] => {
    return [name, "words" in buffer && name !== "y" ? seededFloats(buffer.words, i + 1) : buffer];
  });
  return { numbers, buffers: Object.fromEntries(contents) };
}

test("qconv2d_tiled: a sample with weights of four bits has half as many words of them", () => {
  fc.assert(fc.property(coded, (numbers) => {
    const wordsOf = (nibbles: number) => {
      const { w } = qconv2dTiled.variants!.sample({ ...numbers, nibbles }, 2 ** 24).buffers;
      return "words" in w ? w.words : w.length;
    };
    assert.equal(wordsOf(1), wordsOf(0) / 2);
    const { bucket } = qconv2dTiled.variants!;
    assert.notEqual(bucket({ ...numbers, nibbles: 1 }), bucket({ ...numbers, nibbles: 0 }));
  }));
});
