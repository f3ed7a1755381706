import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  binning,
  binOf,
  empty,
  type Histogram,
  histogramFrom,
  histogramOf,
  magnitudes,
  merge,
  mergeInto,
  smallestExponent,
} from "../../src/calibrate/histogram.ts";
import {
  emptyMinMax,
  emptyMoments,
  mergeMinMax,
  mergeMoments,
  minMaxOf,
  momentsOf,
} from "../../src/calibrate/statistics.ts";

/** Any float32, NaN, infinities and denormals included, in batches of any size. */
const batches = fc.array(fc.float32Array({ maxLength: 40 }), { maxLength: 6 });
const float = fc.float({ noNaN: true, noDefaultInfinity: true });

test("histogram: merging batches in any order and grouping equals the histogram of all values", () => {
  fc.assert(
    fc.property(batches, fc.infiniteStream(fc.nat()), (parts, picks) => {
      const whole = histogramOf(Float32Array.from(parts.flatMap((part) => [...part])));
      const pool = [empty, ...parts.map(histogramOf)];
      while (pool.length > 1) {
        const [a] = pool.splice(picks.next().value! % pool.length, 1);
        const at = picks.next().value! % pool.length;
        pool[at] = merge(pool[at], a);
      }
      assert.deepEqual(pool[0], whole);
    }),
  );
});

test("histogram: merge is commutative and associative, empty is neutral", () => {
  const histogram = fc.float32Array({ maxLength: 30 }).map(histogramOf);
  fc.assert(
    fc.property(histogram, histogram, histogram, (a, b, c) => {
      assert.deepEqual(merge(a, b), merge(b, a));
      assert.deepEqual(merge(merge(a, b), c), merge(a, merge(b, c)));
      assert.deepEqual(merge(a, empty), a);
    }),
  );
});

test("histogram: a large sample splits and merges exactly", () => {
  let state = 1;
  const random = () => (state = state * 48271 % 2147483647) / 2147483647;
  const values = Float32Array.from({ length: 30000 }, (_, i) => (random() - 0.3) * 2 ** (i % 9));
  let merged: Histogram = empty;
  for (let from = values.length; from > 0; from -= 700) {
    merged = merge(merged, histogramOf(values.subarray(Math.max(from - 700, 0), from)));
  }
  assert.deepEqual(merged, histogramOf(values));
});

test("binning: the smallest exponent whose bins cover the range", () => {
  fc.assert(
    fc.property(float, float, fc.constantFrom(2, 5, 16, 2048), (a, b, bins) => {
      const [low, high] = a < b ? [a, b] : [b, a];
      const { exponent, first, count } = binning(low, high, bins);
      assert.ok(count >= 1 && count <= bins && exponent >= smallestExponent);
      const [lo, hi] = [Math.min(low, 0), Math.max(high, 0)];
      assert.equal(binOf(lo, exponent), first);
      assert.equal(binOf(hi, exponent), first + count - 1);
      const finer = binOf(hi, exponent - 1) - binOf(lo, exponent - 1) + 1;
      assert.ok(exponent === smallestExponent || finer > bins);
    }),
  );
});

test("binning: two exponents after the first always suffice for 2,048 bins", () => {
  fc.assert(
    fc.property(float, float, (a, b) => {
      const largest = Math.max(Math.abs(a), Math.abs(b));
      const { exponent } = binning(Math.min(a, b), Math.max(a, b));
      const start = Math.floor(Math.log2(largest)) - 11; // log2 may be one off next to a power of two
      if (start > smallestExponent) assert.ok(exponent >= start && exponent <= start + 3);
      assert.ok(exponent <= 118, "2^-exponent is a normal float32");
    }),
  );
});

test("binning: edges", () => {
  assert.deepEqual(binning(0, 0), { exponent: -120, first: 0, count: 1 });
  assert.deepEqual(binning(5, 10), binning(0, 10), "zero always belongs");
  assert.deepEqual(binning(0, 2047), { exponent: 0, first: 0, count: 2048 });
  assert.deepEqual(binning(0, 2048), { exponent: 1, first: 0, count: 1025 });
  assert.deepEqual(binning(-1024, 1023), { exponent: 0, first: -1024, count: 2048 });
  assert.deepEqual(binning(-2048, 0), { exponent: 1, first: -1024, count: 1025 });
  assert.deepEqual(binning(-1e-40, 1e-40), binning(0, 0), "denormals count as zero");
  assert.throws(() => binning(NaN, 1), /^RangeError: Cannot choose 2048 bins for NaN..1/);
});

test("histogramOf: each value in its bin, non-finite ones counted apart", () => {
  const h = histogramOf(
    Float32Array.of(-2, -1, -1e-30, -1e-40, 0, 1e-40, 0.5, 2047, NaN, Infinity, -Infinity),
  );
  assert.equal(h.exponent, 1);
  assert.deepEqual([h.first, h.low, h.high, h.total, h.nonFinite], [-1, -2, 2047, 8, 3]);
  assert.deepEqual([...h.counts.subarray(0, 3)], [3, 4, 0]);
  assert.equal(h.counts.at(-1), 1);
});

test("histogramFrom: a batch of counts is its histogram", () => {
  fc.assert(
    fc.property(fc.float32Array(), (values) => {
      const { low, high, nonFinite, counts } = histogramOf(values);
      const padded = Uint32Array.from({ length: 2048 }, (_, k) => counts[k] ?? 0);
      const part = histogramFrom({ low, high, nonFinite, counts: padded });
      assert.deepEqual(merge(empty, part), histogramOf(values));
    }),
  );
  const counts = Uint32Array.of(1, 0, 7);
  assert.throws(() => histogramFrom({ low: 0, high: 0, counts }), /bin 2 holds 7 values/);
});

test("mergeInto: equals merge, in any order", () => {
  fc.assert(
    fc.property(batches, (parts) => {
      const [first, ...rest] = parts.map(histogramOf);
      const whole = [first ?? empty, ...rest].reduce(merge, empty);
      assert.deepEqual(rest.reduce(mergeInto, merge(empty, first ?? empty)), whole);
    }),
  );
});

test("magnitudes: folds negative bins onto positive ones and keeps the total", () => {
  assert.deepEqual([...magnitudes(histogramOf(Float32Array.of(-3.5, -0.5, 0.5, 2047)))].slice(0, 4), [
    2,
    1,
    0,
    0,
  ]);
  fc.assert(
    fc.property(fc.float32Array(), (x) => {
      const h = histogramOf(x);
      assert.equal(magnitudes(h).reduce((a, b) => a + b), h.total);
    }),
  );
});

test("minmax and moments: merging batches equals the statistics of all values", () => {
  fc.assert(
    fc.property(batches, (parts) => {
      const whole = Float32Array.from(parts.flatMap((part) => [...part]));
      assert.deepEqual(parts.map(minMaxOf).reduce(mergeMinMax, emptyMinMax), minMaxOf(whole));
      assert.deepEqual(parts.map(minMaxOf).reduceRight(mergeMinMax, emptyMinMax), minMaxOf(whole));
      const merged = parts.map(momentsOf).reduce(mergeMoments, emptyMoments);
      const moments = momentsOf(whole);
      assert.equal(merged.count, moments.count);
      // Sums of doubles: the order changes the last bits only.
      assert.ok(Math.abs(merged.squares - moments.squares) <= 1e-12 * moments.squares);
      const magnitude = whole.reduce((sum, x) => Number.isFinite(x) ? sum + Math.abs(x) : sum, 0);
      assert.ok(Math.abs(merged.sum - moments.sum) <= 1e-12 * magnitude);
    }),
  );
});
