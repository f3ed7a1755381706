// diffs and power-of-two scales against Vitis AI's definition on the values themselves.
import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { coarsen, histogramOf } from "../../src/calibrate/histogram.ts";
import { rangeMethods, solve } from "../../src/calibrate/solve.ts";
import { encode, type Scheme } from "../../src/quantize/encoding.ts";
import { roundHalfEven } from "../../src/tensor/round.ts";

const scheme: Scheme = { bits: 8, signed: true, symmetric: true, powerOfTwo: true };

/** fp0 of vai_q_pytorch: floor(log2(1/step)), 18 for no range. */
function firstPosition(values: Float32Array, bits = 8): number {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const step = Math.max(low / (-(2 ** (bits - 1)) - 0.5), high / (2 ** (bits - 1) - 0.5));
  return step <= 2 ** -126 ? 18 : Math.floor(Math.log2(1 / step));
}

function errorAt(values: Float32Array, position: number): number {
  const scale = 2 ** -position;
  return values.reduce((sum, x) => {
    const code = Math.min(Math.max(roundHalfEven(x / scale), -128), 127);
    return sum + (code * scale - x) ** 2;
  }, 0);
}

const positionOf = (values: Float32Array, method: "maxmin" | "diffs", of = scheme) =>
  0 - Math.log2(encode(solve(method, histogramOf(values), of), of).scale);

const tensors = fc.array(fc.float({ noNaN: true, noDefaultInfinity: true, min: -1000, max: 1000 }), {
  minLength: 1,
  maxLength: 300,
}).map((values) => Float32Array.from(values));

test("maxmin with powers of two is the first position of Vitis AI's search", () => {
  fc.assert(fc.property(tensors, (values) => {
    fc.pre(values.some((x) => Math.abs(x) > 1e-30));
    assert.equal(positionOf(values, "maxmin"), firstPosition(values));
  }));
});

test("diffs has little more error than the best of Vitis AI's five positions", () => {
  fc.assert(fc.property(tensors, (values) => {
    fc.pre(values.some((x) => Math.abs(x) > 1e-3));
    const first = firstPosition(values);
    const errors = [0, 1, 2, 3, 4].map((more) => errorAt(values, first + more));
    const found = positionOf(values, "diffs");
    assert.ok(found >= first && found <= first + 4);
    // Bin centres replace values: half a bin, at most a 16th of the first step, each.
    const slack = values.length * (2 ** -first / 8) * (2 ** -first);
    assert.ok(errors[found - first] <= Math.min(...errors) + slack);
  }));
});

test("diffs cuts a lone outlier off, maxmin keeps it", () => {
  const values = Float32Array.from({ length: 4000 }, (_, i) => Math.sin(i));
  values[0] = 1.2;
  assert.equal(positionOf(values, "maxmin"), 6);
  assert.equal(positionOf(values, "diffs"), 7);
});

test("powers of two: an all-zero tensor gets position 18, or the largest there is", () => {
  const zeros = new Float32Array(5);
  assert.equal(positionOf(zeros, "diffs"), 18);
  assert.equal(positionOf(zeros, "diffs", { ...scheme, mostFractionBits: [12, 15] }), 12);
  assert.equal(positionOf(zeros, "diffs", { ...scheme, bits: 16, mostFractionBits: [12, 15] }), 15);
});

test("every method solves every scheme: constants, zeros, one value, 2 to 16 bits", () => {
  const cases = [[0, 0, 0], [3, 3, 3], [-2, -2], [1e-30], [5], [-1, 1]].map((v) => Float32Array.from(v));
  for (const values of cases) {
    for (const method of rangeMethods) {
      for (const bits of [2, 3, 4, 7, 8, 9, 12, 16]) {
        for (const signed of [true, false]) {
          for (const symmetric of [true, false]) {
            for (const powerOfTwo of [true, false]) {
              for (const narrow of [true, false]) {
                const one: Scheme = { bits, signed, symmetric, powerOfTwo, narrow };
                const { scale, zeroPoint } = encode(solve(method, histogramOf(values), one), one);
                assert.ok(scale > 0 && Number.isFinite(scale), JSON.stringify([method, one, scale]));
                assert.ok(Number.isInteger(zeroPoint));
                if (powerOfTwo) assert.ok(Number.isInteger(Math.log2(scale)));
              }
            }
          }
        }
      }
    }
  }
});

test("coarsen keeps the same values in fewer bins", () => {
  const values = Float32Array.from({ length: 999 }, (_, i) => Math.sin(i) * 7);
  const histogram = histogramOf(values);
  for (const bins of [2, 7, 100, 2048]) {
    const coarse = coarsen(histogram, bins);
    assert.ok(coarse.counts.length <= bins);
    assert.equal([...coarse.counts].reduce((a, b) => a + b), 999);
    assert.deepEqual([coarse.low, coarse.high, coarse.total], [histogram.low, histogram.high, 999]);
  }
  assert.throws(() => coarsen(histogram, 1), /in 1 bins: expected 2 to 2048/);
});
