// auto against its own definition on the values, and its two promises: exact grids stay exact, zero stays zero.
import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { coherences } from "../../src/calibrate/coherence.ts";
import { histogramOf } from "../../src/calibrate/histogram.ts";
import { solve } from "../../src/calibrate/solve.ts";
import { encode, type Range, type Scheme } from "../../src/quantize/encoding.ts";
import { choosePoints } from "../../src/quantize/points.ts";
import { tinyGraph } from "../cli/tiny.ts";

const unsigned: Scheme = { bits: 8, signed: false, symmetric: false };
const signed: Scheme = { bits: 8, signed: true, symmetric: true };

/** m2 + (15 + r)·m² of the errors of the values themselves. */
function resultError(values: Float32Array, range: Range, scheme: Scheme, coherence: number): number {
  const { scale, zeroPoint } = encode(range, scheme);
  const [lowest, highest] = scheme.signed ? [-128, 127] : [0, 255];
  let [sum, squares] = [0, 0];
  for (const x of values) {
    const code = Math.min(Math.max(Math.round(x / scale) + zeroPoint, lowest), highest);
    const error = (code - zeroPoint) * scale - x;
    sum += error;
    squares += error * error;
  }
  return squares / values.length + (15 + coherence) * (sum / values.length) ** 2;
}

/** Normal numbers with a few far away, the same in every run. */
function heavy(count: number, positive: boolean): Float32Array {
  let state = 12345;
  const uniform = () => (state = (state * 1103515245 + 12345) % 2147483648) / 2147483648;
  return Float32Array.from({ length: count }, (_, i) => {
    const normal = Math.sqrt(-2 * Math.log(uniform() + 1e-12)) * Math.cos(2 * Math.PI * uniform());
    const x = i % 2000 === 0 ? 12 * normal : normal;
    return positive ? Math.max(0, x) : x;
  });
}

for (
  const [name, scheme, positive] of [
    ["one-sided", unsigned, true],
    ["two-sided", unsigned, false],
    ["symmetric", signed, false],
  ] as const
) {
  test(`auto on ${name} data has no larger error than any range of a grid, by its own measure`, () => {
    const values = heavy(20_000, positive);
    const histogram = histogramOf(values);
    for (const coherence of [0.1, 1, 30]) {
      const range = solve("auto", histogram, scheme, { coherence });
      const found = resultError(values, range, scheme, coherence);
      const { low, high } = histogram;
      for (let a = 4; a <= 32; a += 4) {
        for (let b = scheme.symmetric ? a : 4; b <= (scheme.symmetric ? a : 32); b += 4) {
          const other = { low: low * a / 32, high: high * b / 32 };
          const error = resultError(values, other, scheme, coherence);
          // Bin centres replace values, and ends are found one after the other.
          assert.ok(found <= error * 1.03, `${range.low}..${range.high} ${other.low}..${other.high}`);
        }
      }
    }
  });
}

test("auto clips less if clipping shifts all results in one direction", () => {
  const histogram = histogramOf(heavy(40_000, true));
  const ends = [0.1, 30, 300, 3000].map((coherence) =>
    solve("auto", histogram, unsigned, { coherence }).high
  );
  assert.deepEqual([...ends].sort((a, b) => a - b), ends);
  assert.ok(ends[0] < ends[3] && ends[3] <= histogram.high);
});

test("auto keeps the whole range of images: 256 values, or three times as many with normalized colours", () => {
  const pixels = Float32Array.from({ length: 3000 }, (_, i) => i * 7 % 256);
  assert.deepEqual(solve("auto", histogramOf(pixels), unsigned, { grids: 3 }), { low: 0, high: 255 });
  const colours = pixels.map((x, i) => (x / 255 - [0.49, 0.48, 0.45][i % 3]) / [0.24, 0.25, 0.26][i % 3]);
  const histogram = histogramOf(colours);
  const { low, high } = histogram;
  assert.deepEqual(solve("auto", histogram, unsigned, { grids: 3 }), { low, high });
  const outlying = histogramOf(Float32Array.from({ length: 300_000 }, (_, i) => i ? i * 7 % 256 : 400));
  assert.ok(solve("auto", outlying, unsigned, { grids: 3 }).high < 390);
});

test("auto chooses a range within the observed one for any values", () => {
  const any = fc.array(fc.float({ noNaN: true, noDefaultInfinity: true }), { minLength: 1, maxLength: 600 });
  fc.assert(fc.property(any, fc.constantFrom(unsigned, signed), (numbers, scheme) => {
    const histogram = histogramOf(Float32Array.from(numbers));
    const { low, high } = solve("auto", histogram, scheme);
    assert.ok(low >= Math.min(histogram.low, 0) || low === histogram.low);
    assert.ok(high <= Math.max(histogram.high, 0) || high === histogram.high);
    assert.ok(low <= high);
  }));
});

test("coherences: (Σw)² over Σw², summed over outputs, of the layer that reads the value", () => {
  const graph = tinyGraph();
  const found = coherences(graph, choosePoints(graph, () => undefined));
  const weight = new Float32Array(graph.values.get("stem.weight")!.constant!.bytes.buffer);
  let [common, squares] = [0, 0];
  for (let o = 0; o < 4; o++) {
    const row = weight.subarray(27 * o, 27 * o + 27);
    common += row.reduce((sum, w) => sum + w, 0) ** 2;
    squares += row.reduce((sum, w) => sum + w * w, 0);
  }
  assert.ok(Math.abs(found.get("picture")! - common / squares) < 1e-6);
});
