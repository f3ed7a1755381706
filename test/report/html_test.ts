import assert from "node:assert/strict";
import { test } from "node:test";
import { reportHtml } from "../../src/report/html.ts";
import { markup, trustMarkup } from "../../src/report/markup.ts";
import { report } from "./example.ts";

test("markup escapes every content and keeps markup", () => {
  const inner = markup`<b>${"<&>\"'"}</b>`;
  assert.equal(
    markup`${inner}${[trustMarkup("<hr>"), 3, undefined]}`.markup,
    "<b>&lt;&amp;&gt;&quot;&#39;</b><hr>3",
  );
});

test("reportHtml escapes all names", async () => {
  const page = await reportHtml(report);
  for (const name of ["<script", "<b>", "<i>scores", "<img"]) assert.ok(!page.includes(name), name);
  assert.ok(page.includes("conv&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;"));
  assert.ok(page.includes("weight &amp; &#39;more&#39;"));
  assert.ok(page.includes("activation &quot;&lt;img src=1&gt;&quot; is zero on all data"));
});

test("reportHtml is one file that loads nothing from the network", async () => {
  const page = await reportHtml(report);
  const addresses = page.match(/https?:[^"' )]*/g) ?? [];
  assert.deepEqual([...new Set(addresses)].sort(), [
    "http://www.w3.org/1999/xlink",
    "http://www.w3.org/2000/svg",
  ]);
  assert.ok(!/<(link|script|img|iframe)\b|@import|url\(/.test(page));
});

test("reportHtml draws ranges, weight scales and one histogram per activation", async () => {
  const page = await reportHtml(report);
  assert.equal(page.match(/<svg /g)?.length, 2 + 4);
});

test("reportHtml names a software device as not a GPU, and only such a device", async () => {
  assert.ok((await reportHtml(report)).includes("not a GPU"));
  assert.ok(!(await reportHtml({ ...report, software: false })).includes("not a GPU"));
});

test("reportHtml shows accuracy only after an evaluation", async () => {
  assert.ok((await reportHtml(report)).includes("91.73 %"));
  const { evaluation: _, ...without } = report;
  assert.ok(!(await reportHtml(without)).includes("<h2>Accuracy"));
});

test("reportHtml draws a model without points", async () => {
  const empty = { ...report.calibration, points: [], floatNodes: [] };
  const page = await reportHtml({ ...report, calibration: empty });
  assert.ok(page.includes("No node."));
  assert.ok(!page.includes("undefined"));
});

test("reportHtml draws empty ranges, and vast ones", async () => {
  const [first] = report.calibration.points;
  const flat = { ...first, low: 0, high: 0, histogram: undefined, methods: undefined };
  const vast = { ...first, low: -1e30, high: 1e9, histogram: undefined, methods: undefined };
  const page = await reportHtml({ ...report, calibration: { ...report.calibration, points: [flat, vast] } });
  assert.ok(!/NaN|Infinity/.test(page));
});
