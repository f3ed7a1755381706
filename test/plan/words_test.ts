import assert from "node:assert/strict";
import test from "node:test";
import { deviceWords, hostTensor } from "../../src/plan/words.ts";
import { numbers, tensor } from "../../src/tensor/tensor.ts";

test("deviceWords: narrow integers widened, negative ones clamped to zero as u32, int64 saturated", () => {
  const words = (dtype: "int8" | "uint8" | "int16" | "int64", values: number[], type: "i32" | "u32") =>
    deviceWords(tensor(dtype, [values.length], values), type);
  assert.deepEqual(words("int8", [-128, 0, 127], "i32"), Int32Array.of(-128, 0, 127));
  assert.deepEqual(words("int8", [-128, 0, 127], "u32"), Uint32Array.of(0, 0, 127));
  assert.deepEqual(words("uint8", [0, 128, 255], "i32"), Int32Array.of(0, 128, 255));
  assert.deepEqual(words("uint8", [0, 128, 255], "u32"), Uint32Array.of(0, 128, 255));
  assert.deepEqual(words("int16", [-32768, 32767], "i32"), Int32Array.of(-32768, 32767));
  assert.deepEqual(words("int64", [-(2 ** 40), 2 ** 40], "i32"), Int32Array.of(-(2 ** 31), 2 ** 31 - 1));
  const nibbles = { dtype: "int4", shape: [3], bytes: Uint8Array.of(0x8f, 0x07) } as const;
  assert.deepEqual(deviceWords(nibbles, "i32"), Int32Array.of(-1, -8, 7));
});

test("hostTensor: words back to codes of the declared dtype", () => {
  const bytes = new Uint8Array(Int32Array.of(-128, -1, 127).buffer);
  const found = hostTensor(bytes, "i32", { dtype: "int8", shape: [3] });
  assert.deepEqual([found.dtype, numbers(found)], ["int8", [-128, -1, 127]]);
});

test("tensor: typed arrays give the same as lists, including wrapping", () => {
  for (const values of [Int32Array.of(-1, 0, 300), Float32Array.of(-1.5, 0, 254.9)]) {
    assert.deepEqual(tensor("uint8", [3], values), tensor("uint8", [3], Array.from(values)));
  }
  assert.deepEqual(numbers(tensor("int64", [2], Int32Array.of(-1, 7))), [-1, 7]);
  assert.deepEqual(numbers(tensor("int8", [2], BigInt64Array.of(-1n, 7n))), [-1, 7]);
});
