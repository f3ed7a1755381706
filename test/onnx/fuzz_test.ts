import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { HalftoneError } from "../../src/error.ts";
import { decodeModel, encodeModel } from "../../src/onnx/mod.ts";
import { craft, type Field, model, nodeMessage, toyGraph, typedValue } from "./craft.ts";

/** A small model with everything that the decoder opens: attributes, nested graphs, typed fields, sparse. */
const small = (() => {
  const ints = craft([1, "axes"], [8, 1], [8, -1], [20, 7]);
  const value = craft([1, "value"], [5, craft([1, 1], [2, 7], [7, Uint8Array.of(5)])], [20, 4]);
  const body = craft([1, nodeMessage("Relu", ["y"], ["inner"])], [2, "body"], [12, craft([1, "inner"])]);
  const sparse = craft([1, craft([1, 1], [2, 1], [8, "s"], [9, new Uint8Array(4)])], [2, craft([1, 1])], [
    3,
    9,
  ]);
  return model([
    ...toyGraph,
    [1, nodeMessage("Squeeze", ["y"], ["q"], [5, ints])],
    [1, nodeMessage("Constant", [], ["c"], [5, value])],
    [1, nodeMessage("If", ["x"], ["z"], [5, craft([1, "then_branch"], [6, body], [20, 5])])],
    [15, sparse],
    [13, typedValue("q", ["M", 3])],
  ], { more: [[14, craft([1, "key"], [2, "value"])]] as Field[] });
})();

/** Decoding must end in a graph that can be encoded, or in a HalftoneError. Ten seconds count as a hang. */
function survive(bytes: Uint8Array): void {
  const started = performance.now();
  try {
    encodeModel(decodeModel(bytes));
  } catch (error) {
    if (!(error instanceof HalftoneError)) throw error;
    assert.match(error.message, /^Cannot .*: .*, expected /s);
  }
  assert.ok(performance.now() - started < 10_000, "took over ten seconds");
}

test("decodeModel: every prefix of a model is read or refused", () => {
  for (let length = 0; length <= small.byteLength; length++) survive(small.slice(0, length));
});

test("decodeModel: 2,000 models with flipped bits are read or refused", () => {
  const flips = fc.array(fc.nat({ max: small.byteLength * 8 - 1 }), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(flips, (bits) => {
      const bytes = small.slice();
      for (const bit of bits) bytes[bit >> 3] ^= 1 << (bit & 7);
      survive(bytes);
    }),
    { numRuns: 2000 },
  );
});

test("decodeModel: every single byte replaced by an extreme is read or refused", () => {
  for (let at = 0; at < small.byteLength; at++) {
    for (const extreme of [0x00, 0x7f, 0x80, 0xff]) {
      const bytes = small.slice();
      bytes[at] = extreme;
      survive(bytes);
    }
  }
});

test("decodeModel: random bytes are read or refused", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), survive), { numRuns: 2000 });
});

test("decodeModel: endless varints, lengths beyond the file and deep groups are refused", () => {
  survive(new Uint8Array(100_000).fill(0xff));
  survive(Uint8Array.of(0x3a, 0xff, 0xff, 0xff, 0xff, 0x7f));
  survive(Uint8Array.of(0x3a, 0xff, 0xff, 0xff, 0xff, 0x07));
  survive(new Uint8Array(100_000).fill(0xcb)); // group starts
});

test("decodeModel: a chain of 100,000 nodes in reverse order is sorted without deep recursion", () => {
  const nodes = Array.from(
    { length: 100_000 },
    (_, i): Field => [1, nodeMessage("Neg", [`v${i}`], [`v${i + 1}`])],
  );
  const graph = decodeModel(
    model([...nodes.reverse(), [11, typedValue("v0", [1])], [12, typedValue("v100000", [1])]]),
  );
  assert.equal(graph.nodes[0].inputs[0], "v0");
  assert.equal(graph.nodes.length, 100_000);
});
