import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { checkpointJson, parseCheckpoint } from "../../src/files/finetune_checkpoint.ts";
import type { FinishedLayer } from "../../src/finetune/tunable.ts";

const origin = { version: "1", calibration: "a", samples: "b", device: "c", method: "block, seed 0" };
const label = { node: "y", name: "stem", type: "Conv", weight: "w", bits: 4 };
const throughText = (layer: FinishedLayer) =>
  parseCheckpoint(JSON.parse(JSON.stringify(checkpointJson({ place: 3, origin, layer }))));

test("parseCheckpoint: a tuned layer is restored bit for bit", () => {
  fc.assert(fc.property(
    fc.float32Array({ minLength: 1, noNaN: true }),
    fc.float32Array({ minLength: 1, noNaN: true }),
    fc.boolean(),
    (weights, scale, biased) => {
      const zeroPoint = Int32Array.from(scale, (_, i) => -i);
      const encoding = { scale, zeroPoint, bits: 4, signed: true, axis: 0, narrow: true };
      const tuned = {
        weights,
        encoding,
        ...(biased && { bias: scale, biasEncoding: { ...encoding, bits: 32 } }),
      };
      const layer: FinishedLayer = {
        ...{ ...label, before: 0.1, after: 0.05, tuned },
        ...(biased && { note: "block", activations: [{ names: ["a", "b"], encoding }] }),
      };
      assert.deepEqual(throughText(layer), { place: 3, origin, layer });
    },
  ));
});

test("parseCheckpoint: a layer as calibrated keeps its reason, measured or not", () => {
  const unmeasured = throughText({ ...label, why: "it has none" }).layer;
  assert.deepEqual([unmeasured.why, unmeasured.before, unmeasured.tuned], [
    "it has none",
    undefined,
    undefined,
  ]);
  const notFinite = throughText({ ...label, why: "NaN", before: NaN, after: NaN }).layer;
  assert.deepEqual([notFinite.before, notFinite.after], [NaN, NaN]);
});

test("parseCheckpoint: names the wrong key", () => {
  const body = checkpointJson({ place: 3, origin, layer: label });
  assert.throws(() => parseCheckpoint({ ...body, place: "x" }), /key "place": .*leave out --resume/);
});
