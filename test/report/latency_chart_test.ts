import assert from "node:assert/strict";
import test from "node:test";
import { latencyChart } from "../../src/report/latency_chart.ts";

test("latencyChart: a row per model, names as text, finite positions", async () => {
  const svg = await latencyChart([
    { name: "fp32", latenciesMs: [2, 2.1, 2.2, 9], marksMs: [2.15, 9] },
    { name: "a<b", latenciesMs: [1, 1], marksMs: [1] },
  ], "model & device");
  assert.match(svg, /^<svg /);
  for (const text of ["fp32", "a&lt;b", "model &amp; device", "latency, ms"]) {
    assert.ok(svg.includes(text), text);
  }
  assert.doesNotMatch(svg, /NaN|Infinity/);
});

test("latencyChart: one query is enough", async () => {
  const svg = await latencyChart([{ name: "fp32", latenciesMs: [5], marksMs: [5] }], "one");
  assert.doesNotMatch(svg, /NaN|Infinity/);
});
