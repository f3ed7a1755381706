import assert from "node:assert/strict";
import { test } from "node:test";
import { tensor } from "../../src/tensor/tensor.ts";
import { difference } from "./compare.ts";
import { row } from "./vector_folder.ts";

test("difference accepts floats within 1e-7 + 1e-3 · |expected|", () => {
  assert.equal(difference(row(1000.9, -1000.9, 0), row(1000, -1000, 9e-8)), undefined);
  assert.equal(
    difference(row(1, 1001.1, 2e-7), row(1, 1000, 0)),
    "2 of 3 elements differ, the worst is 1001.0999755859375 at [1], expected 1000",
  );
});

test("difference: NaN equals NaN, and infinities their like", () => {
  assert.equal(difference(row(NaN, Infinity, -Infinity, -0), row(NaN, Infinity, -Infinity, 0)), undefined);
  const pairs = [[1, NaN], [NaN, 1], [Infinity, -Infinity], [2 ** 127, Infinity], [Infinity, 1]];
  for (const [found, expected] of pairs) {
    assert.equal(
      difference(row(5, found), row(4, expected)),
      `2 of 2 elements differ, the worst is ${found} at [1], expected ${expected}`,
    );
  }
});

test("difference: integers and bools are exact, int64 beyond 2^53 too", () => {
  const whole = tensor("int64", [2], [2n ** 53n + 1n, 5n]);
  assert.equal(difference(whole, tensor("int64", [2], [2n ** 53n + 1n, 5n])), undefined);
  assert.equal(
    difference(whole, tensor("int64", [2], [2n ** 53n, 5n])),
    "1 of 2 elements differ, the worst is 9007199254740993 at [0], expected 9007199254740992",
  );
  assert.match(difference(tensor("int32", [1], [100000]), tensor("int32", [1], [100001]))!, /^1 of 1/);
  assert.match(difference(tensor("bool", [1], [1]), tensor("bool", [1], [0]))!, /^1 of 1/);
});

test("difference widens half types", () => {
  const half = (...bits: number[]) => tensor("float16", [bits.length], bits);
  assert.equal(difference(half(0x3c00, 0x3c00), half(0x3c00, 0x3c00)), undefined);
  assert.equal(
    difference(half(0x3c00, 0x4000), half(0x3c00, 0x3c00)),
    "1 of 2 elements differ, the worst is 2 at [1], expected 1",
  );
});

test("difference names a missing tensor, another type and another shape", () => {
  const expected = tensor("float32", [1, 2], [1, 2]);
  assert.equal(difference(undefined, expected), "it is missing");
  assert.equal(
    difference(tensor("int32", [1, 2], [1, 2]), expected),
    "its type is int32, expected float32",
  );
  assert.equal(difference(row(1, 2), expected), "its shape is [2], expected [1,2]");
  assert.equal(difference(tensor("float32", [], [1]), row(1)), "its shape is [], expected [1]");
});

test("difference gives the index in every dimension, none for scalars and empty tensors", () => {
  const cube = (at: number) =>
    tensor("float32", [2, 2, 3], Array.from({ length: 12 }, (_, i) => +(i === at)));
  assert.equal(
    difference(cube(8), cube(-1)),
    "1 of 12 elements differ, the worst is 1 at [1,0,2], expected 0",
  );
  assert.match(difference(tensor("float32", [], [1]), tensor("float32", [], [2]))!, /1 at \[\], expected 2$/);
  assert.equal(difference(tensor("float32", [0, 3], []), tensor("float32", [0, 3], [])), undefined);
});
