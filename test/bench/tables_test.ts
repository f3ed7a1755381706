import assert from "node:assert/strict";
import test from "node:test";
import { Comparison } from "../../bench/comparison.ts";
import { markdownTable } from "../../bench/report.ts";
import { spreadText, timeInterleaved } from "../../bench/timing.ts";
import { medianOf } from "../../src/tensor/median.ts";

test("markdownTable: columns of all rows, units in the header, bars in cells escaped", () => {
  assert.equal(
    markdownTable([{ name: "a|b", top1_percent: 91.726 }, { name: "c", float_bytes: 1_270_000, ok: true }]),
    [
      "| name | top1 % | float | ok |",
      "| --- | --- | --- | --- |",
      "| a\\|b | 91.73 |  |  |",
      "| c |  | 1.27 MB | true |",
    ].join("\n"),
  );
});

test("Comparison: agreement, accuracy of the second, error over several batches", () => {
  const comparison = new Comparison(2);
  comparison.add(Float32Array.of(1, 0, 0, 2), Float32Array.of(1, 0, 2, 0), [0, 1]);
  comparison.add(Float32Array.of(0, 2), Float32Array.of(0, 2), [undefined]);
  assert.equal(comparison.agreementPercent, 200 / 3);
  assert.equal(comparison.top1, 50);
  assert.equal(comparison.relativeError, Math.sqrt(8 / 9));
});

test("timeInterleaved: a warm-up round, then the first job alternates", async () => {
  const calls: string[] = [];
  const work = (name: string) => async () => void calls.push(name);
  const seconds = await timeInterleaved(3, [work("a"), work("b")]);
  assert.equal(calls.join(""), "abbaabba");
  assert.deepEqual(seconds.map(({ length }) => length), [3, 3]);
});

test("median and spreadText: odd and even counts", () => {
  assert.equal(medianOf([3, 1, 2]), 2);
  assert.equal(medianOf([4, 1, 2, 3]), 2.5);
  assert.equal(spreadText([1, 3, 2]), "2 (1 to 3)");
});
