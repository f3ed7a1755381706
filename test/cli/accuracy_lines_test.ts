import assert from "node:assert/strict";
import { test } from "node:test";
import { accuracyLines } from "../../cli/quant/accuracy_lines.ts";

test("accuracyLines: the lines of the example scripts, the last one alone without labels", () => {
  assert.equal(
    accuracyLines({ top1: 69.76, top5: 89.078, loss: 1.2472701 }),
    "loss: 1.24727\ntop-1 / top-5 accuracy: 69.76 / 89.078\nAccuracy: 69.76%",
  );
  assert.equal(accuracyLines(undefined), "Accuracy: no image has a label");
});
