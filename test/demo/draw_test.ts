import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import sharp from "sharp";
import { drawPictures, shapeNames } from "../../demo/draw.ts";
import { inFolder } from "../dataset/folder.ts";

async function filesIn(folder: string): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  for (const name of shapeNames) {
    for (const file of await readdir(join(folder, name))) {
      files.set(`${name}/${file}`, (await readFile(join(folder, name, file))).toString("base64"));
    }
  }
  return files;
}

test("drawPictures gives the same bytes for the same seed, others for another", async () => {
  await inFolder({}, async (folder) => {
    const [once, again, other, more] = ["a", "b", "c", "d"].map((name) => join(folder, name));
    await drawPictures(once, 3, 5);
    await drawPictures(again, 3, 5);
    await drawPictures(other, 3, 6);
    await drawPictures(more, 4, 5);
    const first = await filesIn(once);
    assert.equal(first.size, 3 * shapeNames.length);
    assert.equal(new Set(first.values()).size, first.size, "two pictures are the same");
    assert.deepEqual(await filesIn(again), first);
    const rest = await filesIn(other);
    for (const [name, bytes] of first) assert.notEqual(rest.get(name), bytes);
    const larger = await filesIn(more);
    for (const [name, bytes] of first) assert.equal(larger.get(name), bytes);
  });
});

test("drawPictures draws 32x32 RGB pictures, a folder for each class in alphabetical order", async () => {
  await inFolder({}, async (folder) => {
    await drawPictures(folder, 1, 0);
    assert.deepEqual((await readdir(folder)).sort(), [...shapeNames]);
    for (const name of shapeNames) {
      const { width, height, channels, format } = await sharp(join(folder, name, "0000.png")).metadata();
      assert.deepEqual([width, height, channels, format], [32, 32, 3, "png"]);
    }
  });
});
