// Beyond the binding size of an adapter (128 MiB on lavapipe): a batch of images, and the weights of a product.
import assert from "node:assert/strict";
import test, { after } from "node:test";
import { intsAttribute } from "../../src/graph/attribute.ts";
import { planFor } from "../../src/passes/specialize.ts";
import { elementCount, type Shape } from "../../src/tensor/shape.ts";
import { floats, type Tensor, tensorOver } from "../../src/tensor/tensor.ts";
import { gpu } from "../device/gpu.ts";
import { toyNode } from "../graph/toy.ts";
import { graphOf, random, type Toy } from "./toy_plan.ts";

const machine = await gpu();
after(() => machine.close());
const mebibyte = 2 ** 20;
const { bindingBytes, bufferBytes } = machine.limits!;
/** Adapters with much larger limits would make these tests slow. */
const skip = bindingBytes > 512 * mebibyte && `the adapter binds ${bindingBytes / mebibyte} MiB at once`;

test("the limits are the device's", () => {
  assert.ok(bindingBytes >= 128 * mebibyte && bufferBytes >= bindingBytes);
});

async function ran(toy: Toy): Promise<ReadonlyMap<string, Tensor>> {
  const feeds = new Map(Object.entries(toy.feeds));
  const shapes = new Map([...feeds].map(([name, { shape }]) => [name, shape]));
  const plan = planFor(graphOf(toy), shapes, undefined, machine.limits);
  const outputs = await machine.run(plan, feeds);
  machine.release(plan);
  return outputs;
}

/** Cheap numbers in −1 … 1 without a period that is a power of two. */
function sawtooth(shape: Shape): Tensor {
  const values = new Float32Array(elementCount(shape));
  for (let i = 0, at = 0; i < values.length; i++, at = (at + 7919) % 1009) values[i] = at / 504 - 1;
  return tensorOver("float32", shape, values);
}

test("Relu and Conv of a batch beyond the limit compute every image", { skip }, async () => {
  const [channels, height, width] = [4, 499, 501];
  const image = channels * height * width;
  const images = Math.ceil(bindingBytes * 1.25 / (image * 4));
  const x = sawtooth([images, channels, height, width]);
  const w = random([channels, channels, 3, 3], 2);
  const outputs = await ran({
    nodes: ["Relu x > r", toyNode("Conv r w > y", { pads: intsAttribute([1, 1, 1, 1]) })],
    feeds: { x },
    constants: { w },
    outputs: ["y"],
  });
  const [given, weights, found] = [floats(x), floats(w), floats(outputs.get("y")!)];
  const expectedAt = (n: number, o: number, row: number, column: number) => {
    let sum = 0;
    for (let c = 0; c < channels; c++) {
      for (let tap = 0; tap < 9; tap++) {
        const [i, j] = [row + Math.floor(tap / 3) - 1, column + tap % 3 - 1];
        if (i < 0 || j < 0 || i >= height || j >= width) continue;
        const value = given[n * image + (c * height + i) * width + j];
        sum += Math.max(value, 0) * weights[(o * channels + c) * 9 + tap];
      }
    }
    return sum;
  };
  for (let n = 0; n < images; n++) {
    for (const [o, row, column] of [[0, 0, 0], [1, 250, 17], [3, height - 1, width - 1]]) {
      const at = n * image + (o * height + row) * width + column;
      const wanted = expectedAt(n, o, row, column);
      // Sums of 36 products of numbers up to 1.
      assert.ok(
        Math.abs(found[at] - wanted) <= 1e-4,
        `image ${n} at ${[o, row, column]}: ${found[at]}, ${wanted}`,
      );
    }
  }
});

test("MatMul by weights beyond the limit computes every column", { skip }, async () => {
  const depth = 4096;
  const columns = Math.ceil(bindingBytes * 1.1 / (depth * 4));
  const [x, w] = [sawtooth([3, depth]), sawtooth([depth, columns])];
  const outputs = await ran({ nodes: ["MatMul x w > y"], feeds: { x }, constants: { w }, outputs: ["y"] });
  const [given, weights, found] = [floats(x), floats(w), floats(outputs.get("y")!)];
  for (let row = 0; row < 3; row++) {
    for (let column = row; column < columns; column += 61) {
      let wanted = 0;
      for (let k = 0; k < depth; k++) wanted += given[row * depth + k] * weights[k * columns + column];
      // Sums of 4096 products of numbers up to 1.
      const difference = Math.abs(found[row * columns + column] - wanted);
      assert.ok(difference <= 0.01, `row ${row}, column ${column} is ${difference} off`);
    }
  }
});
