import assert from "node:assert/strict";
import test from "node:test";
import { type Face, faceLimits, facesIn, iou, matchFaces } from "../../bench/boxes.ts";

const face = (left: number, top: number, right: number, bottom: number, score = 1): Face => ({
  left,
  top,
  right,
  bottom,
  score,
});

test("iou: halves, touching and equal boxes", () => {
  assert.equal(iou(face(0, 0, 1, 1), face(0, 0, 1, 1)), 1);
  assert.equal(iou(face(0, 0, 1, 1), face(0.5, 0, 1.5, 1)), 1 / 3);
  assert.equal(iou(face(0, 0, 1, 1), face(1, 0, 2, 1)), 0);
});

test("facesIn: boxes over the score, the best of those that overlap", () => {
  const scores = Float32Array.of(0.25, 0.75, 0.125, 0.875, 0.5, 0.5, 0.25, 0.75);
  const boxes = Float32Array.of(0, 0, 1, 1, 0, 0, 1, 0.875, 0, 0, 1, 1, 2, 2, 3, 3);
  assert.deepEqual(facesIn(scores, boxes, faceLimits), [face(0, 0, 1, 0.875, 0.875), face(2, 2, 3, 3, 0.75)]);
});

test("matchFaces: a found face matches one wanted face only", () => {
  const wanted = [face(0, 0, 1, 1), face(0, 0, 1, 0.5), face(5, 5, 6, 6)];
  assert.deepEqual(matchFaces(wanted, [face(0, 0, 1, 1, 0.75)]), [
    { overlap: 1, score: 0.75 },
    { overlap: 0, score: 0 },
    { overlap: 0, score: 0 },
  ]);
});
