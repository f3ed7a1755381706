// Cross-entropy of logits and of probabilities.
import assert from "node:assert/strict";
import { test } from "node:test";
import { crossEntropy } from "../../src/evaluate/metrics.ts";

const near = (found: number, expected: number) => assert.ok(Math.abs(found - expected) < 1e-9, `${found}`);

test("crossEntropy takes logits and probabilities, and is finite where they overflow", () => {
  const logits = [1, 2, 4];
  const sum = logits.reduce((all, one) => all + Math.exp(one), 0);
  logits.forEach((logit, label) => near(crossEntropy(logits, label), Math.log(sum) - logit));
  const probabilities = logits.map((logit) => Math.exp(logit) / sum);
  probabilities.forEach((one, label) => near(crossEntropy(probabilities, label), -Math.log(one)));
  near(crossEntropy([1000, 0], 1), 1000);
  near(crossEntropy([0, 0, 0], 2), Math.log(3));
  assert.ok(Number.isFinite(crossEntropy([1, 0], 1)));
});
