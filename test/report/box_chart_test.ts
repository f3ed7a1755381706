// Box plots: quartiles as in NumPy, and every number drawn.
import assert from "node:assert/strict";
import test from "node:test";
import { boxChart, quartilesOf } from "../../src/report/box_chart.ts";

test("quartilesOf interpolates between neighbours", () => {
  assert.deepEqual(quartilesOf([4, 1, 3, 2]), [1, 1.75, 2.5, 3.25, 4]);
  assert.deepEqual(quartilesOf([7]), [7, 7, 7, 7, 7]);
});

test("boxChart draws a row per name and a dot per number", async () => {
  const rows = [{ name: "mse", values: [1, 2, 3] }, { name: "auto", values: [2, 4] }];
  const svg = await boxChart(rows, "Output SQNR, dB");
  for (const text of ["mse", "auto", "Output SQNR, dB"]) assert.ok(svg.includes(`>${text}<`), text);
  const dots = /<g class="mark-symbol.*?<\/g>/s.exec(svg)?.[0] ?? "";
  assert.equal(dots.match(/<path/g)?.length, 5);
});
