// Pictures of graphs as PNG: their sizes, columns and pixels.
import assert from "node:assert/strict";
import test from "node:test";
import sharp from "sharp";
import { dotOf } from "../../src/report/graph_picture.ts";
import { drawGraph } from "../../src/report/graph_svg.ts";
import { columnsFor, pixelLimits, pngOf } from "../../src/storage/graph_png.ts";
import { chainOf, small } from "../report/graph_pictures.ts";

const columnRows = [
  { what: "small", size: [300, 600], columns: { count: 1, share: 1, width: 400, height: 800 } },
  { what: "as tall as a PNG", size: [300, 24_575], columns: { count: 1, share: 1 } },
  { what: "three times as tall", size: [300, 73_000], columns: { count: 3, share: 1, width: 400 } },
  { what: "as wide as three", size: [73_000, 300], columns: { count: 1, height: 134 } },
  { what: "empty", size: [0, 0], columns: { count: 1, share: 1, width: 1, height: 1 } },
];

for (const { what, size: [width, height], columns } of columnRows) {
  test(`columnsFor: a drawing that is ${what}`, () => {
    const found = columnsFor({ width, height });
    assert.deepEqual({ ...found, ...columns }, found);
    assert.ok(found.height <= pixelLimits.edge && found.width * found.count <= pixelLimits.edge);
    assert.ok(found.width * found.count * found.height <= pixelLimits.all);
  });
}

test("pngOf: the size of the drawing at 96 pixels per inch, blue and red boxes on white", async () => {
  const drawing = await drawGraph(dotOf(small));
  const { content, columns } = await pngOf(drawing);
  const { data, info } = await sharp(content).raw().toBuffer({ resolveWithObject: true });
  assert.deepEqual([info.width, info.height, info.channels, columns.count], [
    Math.floor(drawing.width * 4 / 3),
    Math.floor(drawing.height * 4 / 3),
    3,
    1,
  ]);
  const seen = new Set<string>();
  for (let i = 0; i < data.length; i += 3) seen.add(data.subarray(i, i + 3).toString("hex"));
  for (const colour of ["ffffff", "dbeafe", "fee2e2", "1d4ed8"]) assert.ok(seen.has(colour), colour);
});

test("pngOf: columns hold all of the drawing, one after another", async () => {
  const drawing = await drawGraph(dotOf(chainOf(40)));
  const whole = await pixelsOf(await pngOf(drawing));
  const broken = await pngOf(drawing, { edge: Math.ceil(drawing.height / 2), all: 1e9 });
  const { count, width, height } = broken.columns;
  assert.ok(count > 2, `${count} columns`);
  const { data, info } = await pixelsOf(broken);
  assert.deepEqual([info.width, info.height], [count * (width + 32) - 32, height]);
  // Where columns end, antialiasing differs.
  let differing = 0;
  for (let y = 0; y < count * height; y++) {
    for (let x = 0; x < width; x++) {
      const at = ((y % height) * info.width + Math.floor(y / height) * (width + 32) + x) * 3;
      if (Math.abs(data[at] - whole.data[(y * whole.info.width + x) * 3]) > 64) differing++;
    }
  }
  assert.ok(
    broken.columns.share === 1 && differing < 0.001 * count * width * height,
    `${differing} pixels differ`,
  );
});

function pixelsOf({ content }: { readonly content: Uint8Array }) {
  return sharp(content).raw().toBuffer({ resolveWithObject: true });
}
