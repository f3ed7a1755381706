import assert from "node:assert/strict";
import { test } from "node:test";
import type { Pixels } from "../../src/dataset/pixels.ts";
import { cropCentre, extentAfterResize, preprocessPixels } from "../../src/dataset/preprocess.ts";
import { defaultPreprocessor, parsePreprocessor } from "../../src/dataset/preprocessor.ts";
import { ConfigError } from "../../src/error.ts";

const steps = (keys: Record<string, unknown>) => parsePreprocessor(JSON.stringify(keys), "p.json");
const rgb = (width: number, height: number, levels: number[]): Pixels => ({
  width,
  height,
  channels: 3,
  data: Uint8Array.from(levels),
});
const grey = (width: number, height: number, levels: number[]): Pixels => ({
  ...rgb(width, height, levels),
  channels: 1,
});
const dot = rgb(2, 1, [255, 51, 0, 102, 204, 153]);
const wanted = { channels: 3, height: 1, width: 2 } as const;

test("preprocessPixels without a file gives 0..1, channels first", () => {
  const { data, width, height } = preprocessPixels(dot, defaultPreprocessor, wanted, "x.png");
  assert.deepEqual([width, height], [2, 1]);
  assert.deepEqual([...data], [1, 0.4, 0.2, 0.8, 0, 0.6].map(Math.fround));
});

test("preprocessPixels rescales, then normalizes each channel, in float32", () => {
  const config = steps({ image_mean: [0.5, 0.25, 0], image_std: [0.5, 0.25, 0.1], do_normalize: true });
  const { data } = preprocessPixels(dot, config, wanted, "x.png");
  const expected = [1, (0.4 - 0.5) / 0.5, (0.2 - 0.25) / 0.25, (0.8 - 0.25) / 0.25, 0, 6];
  data.forEach((value, i) => assert.ok(Math.abs(value - expected[i]) < 1e-6, `${i}: ${value}`));
});

test("preprocessPixels keeps raw levels if do_rescale is false", () => {
  assert.deepEqual([...preprocessPixels(dot, steps({ do_rescale: false }), wanted, "x").data], [
    255,
    102,
    51,
    204,
    0,
    153,
  ]);
});

test("preprocessPixels flips to BGR before the means are subtracted", () => {
  const config = steps({
    do_rescale: false,
    do_flip_channel_order: true,
    image_mean: [1, 2, 3],
    image_std: 1,
  });
  assert.deepEqual([...preprocessPixels(dot, config, wanted, "x").data], [-1, 152, 49, 202, 252, 99]);
});

test("preprocessPixels gives greyscale models Pillow's grey", () => {
  const { data } = preprocessPixels(
    dot,
    steps({ do_rescale: false }),
    { channels: 1, height: 1, width: 2 },
    "x",
  );
  // (255·19595 + 51·38470 + 32768) >> 16 and (102·19595 + 204·38470 + 153·7471 + 32768) >> 16
  assert.deepEqual([...data], [106, 168]);
});

test("preprocessPixels pads below and to the right, after normalizing", () => {
  const config = steps({ do_rescale: false, image_mean: 1, do_pad: true, pad_size: { height: 2, width: 3 } });
  const { data } = preprocessPixels(grey(2, 1, [5, 9]), config, { channels: 1, height: 2, width: 3 }, "x");
  assert.deepEqual([...data], [4, 8, 0, 0, 0, 0]);
});

test("preprocessPixels names the image, both sizes and the remedy if the model expects another size", () => {
  assert.throws(
    () => preprocessPixels(dot, defaultPreprocessor, { ...wanted, width: 32, height: 24 }, "x.png"),
    (error) => {
      assert.ok(error instanceof ConfigError);
      assert.match(
        error.message,
        /"x\.png": it is 2x1 after preprocessing, the model expects 32x24.*"crop_size"/,
      );
      return true;
    },
  );
});

test("extentAfterResize keeps the ratio and truncates the longer edge", () => {
  assert.deepEqual(extentAfterResize({ width: 500, height: 375 }, { shortestEdge: 224 }), {
    width: 298,
    height: 224,
  });
  assert.deepEqual(extentAfterResize({ width: 375, height: 500 }, { shortestEdge: 224 }), {
    width: 224,
    height: 298,
  });
  assert.deepEqual(extentAfterResize({ width: 9, height: 5 }, { width: 3, height: 4 }), {
    width: 3,
    height: 4,
  });
});

test("cropCentre cuts evenly, the odd pixel from the lower right", () => {
  const picture = grey(4, 3, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
  assert.deepEqual([...cropCentre(picture, { width: 1, height: 2 }).data], [1, 5]);
});

test("cropCentre surrounds a smaller image with zeros", () => {
  // Hugging Face pads the odd line above and to the left.
  assert.deepEqual([...cropCentre(grey(1, 1, [7]), { width: 2, height: 2 }).data], [0, 0, 0, 7]);
  assert.deepEqual([...cropCentre(grey(3, 1, [1, 2, 3]), { width: 1, height: 3 }).data], [0, 2, 0]);
});
