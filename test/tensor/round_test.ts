// Rounding: ties of every mode as the Vitis AI quantizer defines them, and agreement wherever there is no tie.
import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { rounderOf, roundings } from "../../src/tensor/round.ts";

const ties = [-2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 127.5];
const expected = {
  half_even: [-2, -2, 0, 0, 2, 2, 128],
  half_up: [-2, -1, 0, 1, 2, 3, 128],
  half_down: [-2, -1, 0, 0, 1, 2, 127],
  std_round: [-3, -2, -1, 1, 2, 3, 128],
};

for (const rounding of roundings) {
  test(`rounderOf ${rounding}: ties`, () => {
    assert.deepEqual(ties.map((x) => rounderOf(rounding)(x) + 0), expected[rounding]);
  });
}

test("rounderOf: all modes equal Math.round except at ties", () => {
  const beside = [0.49999999999999994, 1.4999999999999998, -0.49999999999999994, 2 ** 52 - 0.25];
  const numbers = fc.double({ noNaN: true, min: -(2 ** 53), max: 2 ** 53 });
  fc.assert(fc.property(fc.oneof(numbers, fc.constantFrom(...beside)), (x) => {
    fc.pre(Math.abs(x % 1) !== 0.5);
    for (const rounding of roundings) assert.equal(rounderOf(rounding)(x) + 0, Math.round(x) + 0);
  }));
});
