// The kernel and src/calibrate use the same bins.
import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { binning, histogramBins } from "../../src/calibrate/histogram.ts";
import { binCount, inverseWidth } from "../../src/kernels/histogram.ts";

const end = fc.float({ noNaN: true, noDefaultInfinity: true }).map((v) => Math.abs(v) < 2 ** -126 ? 0 : v);

test("the histogram's bins on the device and in merging are the same", () => {
  assert.equal(binCount, histogramBins);
  fc.assert(
    fc.property(end, end, (a, b) => {
      const [low, high] = [Math.min(a, b, 0), Math.max(a, b, 0)];
      assert.equal(inverseWidth(low, high), 2 ** -binning(low, high).exponent);
    }),
    { numRuns: 2000 },
  );
});
