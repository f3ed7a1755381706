import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import sharp, { type Sharp } from "sharp";
import { decodeImage, imageExtent } from "../../src/dataset/pixels.ts";
import { inFolder } from "./folder.ts";

const rgba = Buffer.from([10, 20, 30, 0, 200, 100, 50, 128]);
const raw = (data: Buffer | Uint16Array, channels: 1 | 3 | 4) =>
  sharp(data, { raw: { width: data.length / channels, height: 1, channels } });

async function saveAndDecode(image: Sharp, name = "x.png"): Promise<number[]> {
  let levels: number[] = [];
  await inFolder({ [name]: await image.toBuffer() }, async (folder) => {
    const { channels, data, width, height } = await decodeImage(join(folder, name));
    assert.equal(channels, 3);
    assert.equal(data.length, 3 * width * height);
    levels = [...data];
  });
  return levels;
}

test("decodeImage drops alpha and keeps the colours under it, as Pillow does", async () => {
  assert.deepEqual(await saveAndDecode(raw(rgba, 4).png()), [10, 20, 30, 200, 100, 50]);
});

test("decodeImage converts grey and palette images to RGB", async () => {
  assert.deepEqual(await saveAndDecode(raw(Buffer.from([7, 250]), 1).toColourspace("b-w").png()), [
    7,
    7,
    7,
    250,
    250,
    250,
  ]);
  const colours = Buffer.from([255, 0, 0, 0, 0, 255]);
  assert.deepEqual(await saveAndDecode(raw(colours, 3).png({ palette: true })), [...colours]);
});

test("decodeImage keeps the upper eight of sixteen bits", async () => {
  const levels = Uint16Array.of(0x1234, 0xff00, 0x00ff);
  const wide = sharp(levels, { raw: { width: 1, height: 1, channels: 3 } }).toColourspace("rgb16").png();
  assert.deepEqual(await saveAndDecode(wide), [0x12, 0xff, 0x00]);
  const grey = sharp(Uint16Array.of(0x8001), { raw: { width: 1, height: 1, channels: 1 } }).toColourspace(
    "grey16",
  ).png();
  assert.deepEqual(await saveAndDecode(grey), [0x80, 0x80, 0x80]);
});

test("decodeImage makes CMYK pictures RGB", async () => {
  const levels = await saveAndDecode(
    raw(Buffer.from([250, 250, 250]), 3).toColourspace("cmyk").jpeg({ quality: 100 }),
    "x.jpg",
  );
  assert.ok(levels.length === 3 && levels.every((level) => level > 230), String(levels));
});

test("decodeImage does not apply the EXIF orientation", async () => {
  const turned = raw(Buffer.from([0, 0, 0, 255, 255, 255]), 3).withMetadata({ orientation: 6 }).png();
  await inFolder({ "x.png": await turned.toBuffer() }, async (folder) => {
    const { width, height } = await decodeImage(join(folder, "x.png"));
    assert.deepEqual([width, height], [2, 1]);
    assert.deepEqual(await imageExtent(join(folder, "x.png")), { width: 2, height: 1 });
  });
});

for (const format of ["jpeg", "png", "webp", "gif", "tiff", "avif"] as const) {
  test(`decodeImage reads ${format}`, async () => {
    const flat = sharp({
      create: { width: 16, height: 16, channels: 3, background: { r: 90, g: 90, b: 90 } },
    });
    const levels = await saveAndDecode(flat.toFormat(format), `x.${format}`);
    assert.equal(levels.length, 3 * 16 * 16);
    for (const level of levels) assert.ok(Math.abs(level - 90) <= 2, String(level));
  });
}

test("decodeImage rejects a truncated image", async () => {
  const noise = Buffer.from(Array.from({ length: 64 * 64 * 3 }, (_, i) => (i * 7919) % 256));
  const picture = sharp(noise, { raw: { width: 64, height: 64, channels: 3 } });
  for (const format of ["png", "jpeg"] as const) {
    const whole = await picture.clone().toFormat(format).toBuffer();
    await inFolder({ "x": whole.subarray(0, Math.floor(whole.length / 2)) }, async (folder) => {
      await assert.rejects(decodeImage(join(folder, "x")));
    });
  }
});
