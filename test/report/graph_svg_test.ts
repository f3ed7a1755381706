// Pictures of graphs laid out as SVG.
import assert from "node:assert/strict";
import test from "node:test";
import { UnsupportedError } from "../../src/error.ts";
import { dotOf } from "../../src/report/graph_picture.ts";
import { drawGraph, svgOf } from "../../src/report/graph_svg.ts";
import { chainOf, small } from "./graph_pictures.ts";

const idsOf = (svg: string) => [...svg.matchAll(/<g id="((?:node|edge|clust)\d+)"/g)].map(([, id]) => id);

test("drawGraph: every node, edge and frame is a part with its area", async () => {
  const drawing = await drawGraph(dotOf(small));
  assert.equal(drawing.parts.length, 5 + 5 + 3);
  for (const { area } of drawing.parts) {
    assert.ok(area.left >= 0 && area.left + area.width <= drawing.width, JSON.stringify(area));
    assert.ok(area.top >= 0 && area.top + area.height <= drawing.height, JSON.stringify(area));
  }
  assert.equal(new Set(idsOf(svgOf(drawing))).size, 13);
});

test("svgOf: as many ends of groups as starts, in the whole and in an area", async () => {
  const drawing = await drawGraph(dotOf(chainOf(30)));
  const area = { left: 0, top: drawing.height / 2, width: drawing.width, height: 50 };
  for (const svg of [svgOf(drawing), svgOf(drawing, area, ["10", "10"])]) {
    assert.equal(svg.split("<g ").length, svg.split("</g>").length);
    assert.match(svg, /^<svg width=.*<\/svg>\n$/s);
  }
});

test("svgOf: an area holds only what lies in it", async () => {
  const drawing = await drawGraph(dotOf(chainOf(30)));
  const ids = idsOf(svgOf(drawing, { left: 0, top: 0, width: drawing.width, height: 100 }, ["10", "10"]));
  assert.ok(ids.includes("node1") && !ids.includes("node30") && ids.length < 12, ids.join(" "));
});

test("drawGraph: what Graphviz cannot read", async () => {
  await assert.rejects(
    drawGraph("digraph {"),
    (error) =>
      error instanceof UnsupportedError && /^Cannot draw the graph: syntax error/.test(error.message),
  );
});
