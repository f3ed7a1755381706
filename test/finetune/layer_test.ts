// A layer's solution: errors never rise, and bad statistics leave the layer as calibrated, with the reason.
import fc from "fast-check";
import assert from "node:assert/strict";
import test from "node:test";
import { mseOfElements } from "../../src/calibrate/solve_mse.ts";
import { factorize, rowStart, solveFactored } from "../../src/finetune/cholesky.ts";
import { type Layer, onGrid, tuneLayer } from "../../src/finetune/layer.ts";
import { objectiveOf, squaredError } from "../../src/finetune/moments.ts";
import {
  descend,
  factorObjective,
  feedForward,
  productsOf,
  productWith,
  solveContinuous,
} from "../../src/finetune/round_row.ts";
import { codesOf } from "../../src/quantize/encoding.ts";
import { encodeWeights, quantizeTensor } from "../../src/quantize/weights.ts";
import { randomMoments } from "./patches.ts";

function layerOf(weights: Float32Array, outputs: number, bits: number, perChannel = true): Layer {
  const shape = [outputs, weights.length / outputs];
  const scheme = { bits, signed: true, symmetric: true, narrow: true };
  const encoding = encodeWeights(weights, shape, scheme, perChannel ? 0 : undefined, mseOfElements);
  return {
    weights,
    shape,
    axis: 0,
    encoding,
    bias: new Float32Array(outputs),
    canChangeBias: true,
    scaleX: 0.01,
  };
}

const setting = fc.record({
  depth: fc.integer({ min: 1, max: 12 }),
  outputs: fc.integer({ min: 1, max: 4 }),
  positions: fc.integer({ min: 2, max: 40 }),
  bits: fc.integer({ min: 2, max: 8 }),
  perChannel: fc.boolean(),
  seed: fc.integer({ min: 1, max: 1e6 }),
});

test("tuneLayer: a tuned layer's error falls, and its weights lie on the grid of its codes", () => {
  fc.assert(fc.property(setting, ({ depth, outputs, positions, bits, perChannel, seed }) => {
    const { weights, moments } = randomMoments(depth, outputs, positions, seed);
    const layer = layerOf(weights, outputs, bits, perChannel);
    const found = tuneLayer(layer, moments);
    if (!("tuned" in found)) return assert.ok(found.why && found.after >= found.before);
    const { tuned, before, after } = found;
    assert.ok(after < before);
    assert.deepEqual(onGrid(tuned.weights, layer.shape, tuned.encoding), tuned.weights);
    const [low, high] = codesOf(layer.encoding);
    for (const code of quantizeTensor(tuned.weights, layer.shape, tuned.encoding)) {
      assert.ok(code >= low && code <= high, `${code}`);
    }
  }));
});

test("descend: no step raises the error, and no change of a single code would lower it further", () => {
  fc.assert(fc.property(setting, ({ depth, outputs, positions, seed }) => {
    const { weights, moments } = randomMoments(depth, outputs, positions, seed);
    const objective = objectiveOf(moments, 0, false);
    const ready = factorObjective(objective)!;
    const [scale, grid] = [0.2, { low: -7, high: 7 }];
    const errorOf = (codes: Float64Array) => {
      const { linear, square } = productsOf(objective, 0, { codes, product: productWith(objective, codes) });
      return scale * scale * square - 2 * scale * linear;
    };
    const best = solveContinuous(ready, 0, Float64Array.from(weights.subarray(0, depth)));
    const [{ codes }] = feedForward(ready, best, [scale], grid);
    const product = productWith(objective, codes);
    const before = errorOf(codes);
    descend(objective, 0, { codes, product }, scale, grid);
    productWith(objective, codes).forEach((sum, k) =>
      assert.ok(Math.abs(sum - product[k]) <= 1e-9 * (1 + Math.abs(sum)))
    );
    const after = errorOf(codes);
    const slack = 1e-9 * (1 + Math.abs(before));
    assert.ok(after <= before + slack);
    codes.forEach((code, k) => {
      for (const other of [code - 1, code + 1]) {
        if (other < grid.low || other > grid.high) continue;
        const moved = codes.slice();
        moved[k] = other;
        assert.ok(errorOf(moved) >= after - slack);
      }
    });
  }));
});

test("tuneLayer: rank-deficient moments are damped and still solved", () => {
  const { weights, moments } = randomMoments(16, 3, 60, 7, 4);
  const found = tuneLayer(layerOf(weights, 3, 3), moments);
  assert.ok("tuned" in found && found.after < found.before);
});

test("tuneLayer: dead columns do not spoil the gain of the others", () => {
  const { weights, moments } = randomMoments(6, 2, 40, 8);
  const columns = 8;
  const sums = moments.sums.map((sum, i) => Math.floor(i / columns) === 2 || i % columns === 2 ? 0 : sum);
  const found = tuneLayer(layerOf(weights, 2, 2), { ...moments, sums });
  assert.ok("tuned" in found && found.tuned.weights.every(Number.isFinite));
});

for (
  const [name, change, why] of [
    [
      "all inputs zero",
      (sum: number, row: number, column: number) => row === 6 && column === 6 ? sum : 0,
      /constant or zero/,
    ],
    ["NaN", () => NaN, /not finite/],
    ["infinity", (sum: number, row: number) => row === 1 ? Infinity : sum, /not finite/],
  ] as const
) {
  test(`tuneLayer: ${name} leaves the layer as calibrated, with a reason`, () => {
    const { weights, moments } = randomMoments(6, 2, 40, 9);
    const sums = moments.sums.map((sum, i) => change(sum, Math.floor(i / 8), i % 8));
    const found = tuneLayer(layerOf(weights, 2, 4), { ...moments, sums });
    assert.match("why" in found ? found.why : "tuned", why);
  });
}

test("tuneLayer: one position is too few", () => {
  const { weights, moments } = randomMoments(6, 2, 1, 10);
  const found = tuneLayer(layerOf(weights, 2, 4), moments);
  assert.match("why" in found ? found.why : "tuned", /fewer than two positions/);
});

test("squaredError: with the best bias the raw error equals the centred one", () => {
  const { weights, moments } = randomMoments(5, 2, 30, 11);
  const [raw, centred] = [false, true].map((around) => objectiveOf(moments, 0, around));
  const w = weights.subarray(0, 5);
  const bias = w.reduce((sum, v, k) => sum - v * raw.meanX[k], raw.meanY[0]);
  const a = squaredError(raw, 0, w, bias);
  const { h, t, power } = centred;
  let b = power[0];
  for (let i = 0; i < 5; i++) {
    for (let j = 0; j < 5; j++) b += w[i] * h[i * 5 + j] * w[j];
    b -= 2 * w[i] * t[i];
  }
  assert.ok(Math.abs(a - b) < 1e-9 * (1 + a), `${a}, ${b}`);
  for (const other of [bias, 0, -3]) {
    const [one, two] = [raw, centred].map((objective) => squaredError(objective, 0, w, other));
    assert.ok(Math.abs(one - two) < 1e-9 * (1 + one), `${one}, ${two}`);
  }
});

/** The lower triangle of a matrix, packed. */
function packLower(matrix: Float64Array, size: number): Float64Array {
  const lower = new Float64Array(rowStart(size));
  for (let i = 0; i < size; i++) lower.set(matrix.subarray(i * size, i * size + i + 1), rowStart(i));
  return lower;
}

// One block, several blocks, and several blocks of columns.
for (const size of [7, 64, 131, 330]) {
  test(`factorize and solveFactored: A x = b, ${size} columns`, () => {
    const { h, depth } = objectiveOf(randomMoments(size, 1, 2 * size, 12).moments, 0, false);
    const lower = packLower(h, depth);
    assert.ok(factorize(lower, depth));
    const x = Float64Array.from({ length: depth }, (_, i) => (i % 7) - 2);
    const b = Float64Array.from(x, (_, i) => x.reduce((sum, v, j) => sum + h[i * depth + j] * v, 0));
    const solved = b.slice();
    solveFactored(lower, depth, solved);
    // Backward stable: the residual is a few roundings of the largest sum, whatever the condition of A.
    const slack = 1e-14 * depth * Math.max(...b.map(Math.abs));
    b.forEach((v, i) => {
      const found = solved.reduce((sum, x, j) => sum + h[i * depth + j] * x, 0);
      assert.ok(Math.abs(found - v) < slack, `${i}: ${found}, expected ${v}`);
    });
  });
}

test("factorize: false if the matrix is not positive definite, in any block", () => {
  assert.equal(factorize(Float64Array.of(1, 2, 1), 2), false);
  const { h, depth } = objectiveOf(randomMoments(150, 1, 300, 12).moments, 0, false);
  const lower = packLower(h, depth);
  lower[rowStart(140) + 140] = 0;
  assert.equal(factorize(lower, depth), false);
});

test("feedForward: returns the error of its codes over the best real numbers, up to damping", () => {
  const { weights, moments } = randomMoments(6, 1, 40, 3);
  const ready = factorObjective(objectiveOf(moments, 0, false))!;
  const best = solveContinuous(ready, 0, Float64Array.from(weights));
  const [{ codes, error }, other] = feedForward(ready, best, [0.2, 0.3], { low: -7, high: 7 });
  assert.deepEqual(feedForward(ready, best, [0.3], { low: -7, high: 7 })[0], other);
  const apart = Float64Array.from(ready.order, (k, i) => best[i] - 0.2 * codes[k]);
  const { lower, order } = ready;
  const expected = Array.from(order, (_, i) => {
    return apart.reduce((sum, e, j) => j < i ? sum : sum + lower[rowStart(j) + i] * e, 0) ** 2;
  }).reduce((a, b) => a + b, 0);
  assert.ok(Math.abs(error - expected) < 1e-9 * expected, `${error} ${expected}`);
});

test("tuneLayer: fixed scales and the encoding of a bias are kept", () => {
  const { weights, moments } = randomMoments(9, 3, 60, 11);
  const scale = Float32Array.of(2 ** -5);
  const zeroPoint = Int32Array.of(0);
  const encoding = { scale, zeroPoint, bits: 4, signed: true };
  const biasEncoding = { scale: Float32Array.of(2 ** -6), zeroPoint, bits: 8, signed: true };
  const layer: Layer = {
    ...{ weights, shape: [3, 9], axis: 0, encoding, bias: new Float32Array(3), canChangeBias: true },
    ...{ biasEncoding, fixedScales: true },
  };
  const found = tuneLayer(layer, moments);
  assert.ok("tuned" in found);
  assert.deepEqual(found.tuned.encoding.scale, scale);
  assert.deepEqual(found.tuned.biasEncoding, biasEncoding);
  assert.ok(found.tuned.bias!.every((b) => Number.isInteger(b * 64) && Math.abs(b * 64) <= 128));
});
