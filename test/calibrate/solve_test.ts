import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import { empty, type Histogram, histogramOf } from "../../src/calibrate/histogram.ts";
import { type RangeMethod, rangeMethods, solve, type SolveParameters } from "../../src/calibrate/solve.ts";
import { encode, type Range, type Scheme } from "../../src/quantize/encoding.ts";

type Case = {
  name: string;
  histogram: Omit<Histogram, "total" | "nonFinite"> & { counts: number[] };
  expected: (Range & { method: RangeMethod; scheme: Scheme; parameters: SolveParameters })[];
};

const golden: Case[] = JSON.parse(readFileSync(new URL("../golden/solve.json", import.meta.url), "utf8"));

const int8: Scheme = { bits: 8, signed: true, symmetric: true, narrow: true };
const uint8: Scheme = { bits: 8, signed: false, symmetric: false };

for (const { name, histogram, expected } of golden) {
  test(`solve: equals the NumPy definitions on ${name}`, () => {
    const counts = Float64Array.from(histogram.counts);
    const h = { ...histogram, counts, total: counts.reduce((a, b) => a + b), nonFinite: 0 };
    for (const { method, scheme, parameters, low, high } of expected) {
      const found = solve(method, h, scheme, parameters);
      const note = JSON.stringify({ method, scheme, parameters, found, low, high });
      assert.ok(near(found.low, low) && near(found.high, high), note);
    }
  });
}

/** Both sides choose among candidates: the same one, or one that is off by a bin at least. */
function near(a: number, b: number): boolean {
  return Math.abs(a - b) <= 1e-12 * Math.abs(b);
}

const values = fc.float32Array({ noNaN: true, noDefaultInfinity: true, min: -1e6, max: 1e6, minLength: 1 });
const schemes = fc.record({
  bits: fc.integer({ min: 2, max: 16 }),
  signed: fc.boolean(),
  symmetric: fc.boolean(),
});

test("solve: every method stays within the observed range with zero, and never collapses it", () => {
  fc.assert(
    fc.property(values, fc.constantFrom(...rangeMethods), schemes, (x, method, scheme) => {
      const h = histogramOf(x);
      const { low, high } = solve(method, h, scheme);
      assert.ok(low >= Math.min(h.low, 0) && high <= Math.max(h.high, 0) && low <= high);
      if (h.low !== 0 || h.high !== 0) assert.ok(low < 0 || high > 0);
    }),
  );
});

test("solve: mirrored data give the mirrored symmetric range", () => {
  fc.assert(
    fc.property(values, fc.constantFrom(...rangeMethods), (x, method) => {
      // Off the bin edges, where k and −1 − k are exact mirrors.
      const odd = x.map((v) => Math.fround(v) + 0.3);
      const scale = (h: Histogram) => encode(solve(method, h, int8), int8).scale;
      const [a, b] = [histogramOf(odd), histogramOf(odd.map((v) => -v))];
      if (a.counts.length === b.counts.length) assert.equal(scale(a), scale(b));
    }),
  );
});

test("solve: percentile 100 and maxmin are the observed range", () => {
  const h = histogramOf(Float32Array.of(-1, 0.25, 3));
  for (const scheme of [int8, uint8]) {
    assert.deepEqual(solve("maxmin", h, scheme), { low: -1, high: 3 });
    assert.deepEqual(solve("percentile", h, scheme, { percentage: 100 }), { low: -1, high: 3 });
  }
});

test("solve: entropy and mse clip a lone outlier and keep a uniform distribution", () => {
  const uniform = Float32Array.from({ length: 50000 }, (_, i) => i / 50000);
  const outlier = Float32Array.of(...Array.from(uniform), 10);
  const uint4 = { ...uint8, bits: 4 };
  for (const method of ["entropy", "mse"] as const) {
    assert.ok(solve(method, histogramOf(outlier), uint4).high < 3, method);
    assert.ok(solve(method, histogramOf(uniform), uint4).high > 0.95, method);
  }
});

test("solve: 16 bits never pay for clipping an even distribution", () => {
  const uniform = Float32Array.from({ length: 5001 }, (_, i) => i / 2500 - 1);
  for (const scheme of [int8, uint8]) {
    for (const method of ["entropy", "mse"] as const) {
      const range = solve(method, histogramOf(uniform), { ...scheme, bits: 16 });
      assert.deepEqual(range, { low: -1, high: 1 }, method);
    }
  }
});

test("solve: refuses an empty histogram and parameters out of bounds", () => {
  const h = histogramOf(Float32Array.of(1, 2));
  assert.throws(() => solve("mse", empty, int8), /^RangeError: Cannot solve a range by mse/);
  for (const percentage of [0, -1, 100.1, NaN]) {
    assert.throws(() => solve("percentile", h, int8, { percentage }), RangeError);
  }
  assert.throws(() => solve("entropy", h, int8, { stride: 0 }), /stride is 0, expected an integer/);
  assert.throws(() => solve("mse", h, int8, { startBin: 1.5 }), /startBin is 1.5/);
});
