// The batch axis of inputs, from the names that models give to dimensions.
import assert from "node:assert/strict";
import test from "node:test";
import { batchAxesOf, type GivenAxes } from "../../src/dataset/batch_axis.ts";
import { ConfigError } from "../../src/error.ts";

type Shape = (number | string)[];
type Row = [what: string, inputs: Record<string, Shape>, axes: Record<string, number>, said?: GivenAxes];

const inputsOf = (shapes: Record<string, Shape>) =>
  Object.entries(shapes).map(([name, shape]) => ({ name, shape, dtype: "float32" as const }));

const rows: Row[] = [
  ["axis 0 of one input", { x: ["N", 3, "H", "W"] }, { x: 0 }],
  ["the dimension that a state shares", { x: ["batch", 576], state: [2, "batch", 128] }, { x: 0, state: 1 }],
  ["none of a scalar", { x: ["batch", 576], sr: [] }, { x: 0 }],
  ["time first, found by the name of the batch", { x: ["T", "N", 10] }, { x: 1 }],
  ["time first, found by a dimension shared with a state", { x: ["t0", "d1", 5], h: [1, "d1", 8] }, {
    x: 1,
    h: 1,
  }],
  ["the batch, not the length, where both are shared", { ids: ["b0", "s"], mask: ["b1", "s"] }, {
    ids: 0,
    mask: 0,
  }],
  ["names that differ", { x: ["x_batch", 4], y: [2, "y_batch", 4] }, { x: 0, y: 1 }],
  ["dimensions without a name", { x: ["", 4], y: ["", 4] }, { x: 0, y: 0 }],
  ["a fixed input beside an open one", { x: ["batch", 4], anchors: [8, 4] }, { x: 0 }],
  ["a size of 1 beside an open batch", { x: ["batch", 4], state: [2, 1, 8] }, { x: 0, state: 1 }],
  ["fixed batches of one number", { x: [8, 16], y: [8] }, { x: 0, y: 0 }],
  ["fixed first dimensions that differ", { x: [1, 576], state: [2, 1, 128] }, { x: 0, state: 1 }],
  ["a list alone", { x: [8] }, {}],
  ["an open list alone: a recording", { x: ["samples"] }, {}],
  ["an open list named like a batch", { x: ["batch"] }, { x: 0 }],
  ["pictures of open size without a batch", { x: [1, 3, "H", "W"], m: [1, 1, "H", "W"] }, { x: 0, m: 0 }],
  ["an axis given by the user", { x: ["a", "b", 3] }, { x: 1 }, new Map([["x", 1]])],
  ['"none" given by the user', { x: ["N", 3], y: ["N", 3] }, { x: 0 }, new Map([["y", "none"]])],
];
for (const [what, inputs, axes, said] of rows) {
  test(`batchAxesOf: ${what}`, () => {
    assert.deepEqual(Object.fromEntries(batchAxesOf(inputsOf(inputs), said)), axes);
  });
}

test("batchAxesOf rejects inputs and axes that the model does not have", () => {
  const inputs = inputsOf({ state: [2, "N", 8], sr: [] });
  const assertRejects = (name: string, axis: number, message: RegExp) =>
    assert.throws(() => batchAxesOf(inputs, new Map([[name, axis]])), (error) => {
      assert.ok(error instanceof ConfigError);
      assert.match(error.message, message);
      return true;
    });
  assertRejects("stat", 1, /"stat": the model's inputs are "state", "sr", did you mean "state"$/);
  assertRejects("state", 3, /axis 3 of input "state" for samples: it is float32 \[2,N,8\], expected 0 to 2$/);
  assertRejects("sr", 0, /expected "none"$/);
});
