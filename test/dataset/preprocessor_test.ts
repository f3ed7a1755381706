import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { defaultPreprocessor, loadPreprocessor, parsePreprocessor } from "../../src/dataset/preprocessor.ts";
import { ConfigError } from "../../src/error.ts";

const parse = (keys: unknown) => parsePreprocessor(JSON.stringify(keys), "p.json");

test("parsePreprocessor reads a published ViT file", () => {
  const vit = {
    do_normalize: true,
    do_rescale: true,
    do_resize: true,
    image_mean: [0.5, 0.5, 0.5],
    image_std: [0.5, 0.5, 0.5],
    image_processor_type: "ViTImageProcessor",
    resample: 2,
    rescale_factor: 0.00392156862745098,
    size: { height: 224, width: 224 },
  };
  assert.deepEqual(parse(vit), {
    resize: { size: { height: 224, width: 224 }, filter: 2 },
    crop: undefined,
    flipChannels: false,
    factor: 0.00392156862745098,
    normalize: { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] },
    pad: undefined,
  });
});

test("parsePreprocessor reads a published CLIP file: shortest edge, bicubic, centre crop", () => {
  const clip = {
    crop_size: 224,
    do_center_crop: true,
    do_resize: true,
    resample: 3,
    size: { shortest_edge: 224 },
  };
  const { resize, crop } = parse({ ...clip, feature_extractor_type: "CLIPFeatureExtractor" });
  assert.deepEqual(resize, { size: { shortestEdge: 224 }, filter: 3 });
  assert.deepEqual(crop, { width: 224, height: 224 });
});

test("parsePreprocessor takes a number as a square, or as the shortest edge if the file says so", () => {
  assert.deepEqual(parse({ size: 96 }).resize!.size, { width: 96, height: 96 });
  assert.deepEqual(parse({ size: 96, default_to_square: false }).resize!.size, { shortestEdge: 96 });
});

test("parsePreprocessor resizes to edge / crop_pct and crops; ConvNeXt warps from 384 on", () => {
  const convnext = { image_processor_type: "ConvNextImageProcessor", crop_pct: 0.875 };
  const { resize, crop } = parse({ ...convnext, size: { shortest_edge: 224 } });
  assert.deepEqual(resize!.size, { shortestEdge: 256 });
  assert.deepEqual(crop, { width: 224, height: 224 });
  const large = parse({ ...convnext, size: { shortest_edge: 384 } });
  assert.deepEqual(large.resize!.size, { width: 384, height: 384 });
  assert.equal(large.crop, undefined);
});

test("parsePreprocessor honours do_* false and null", () => {
  const off = {
    do_resize: false,
    do_center_crop: false,
    do_rescale: false,
    do_normalize: false,
    do_pad: null,
  };
  const steps = parse({ ...off, size: 224, crop_size: 224, image_mean: [0, 0, 0] });
  assert.deepEqual([steps.resize, steps.crop, steps.normalize, steps.pad, steps.factor], [
    undefined,
    undefined,
    undefined,
    undefined,
    1,
  ]);
});

const refused: [string, unknown, RegExp][] = [
  ["a misspelt key", { do_resise: true }, /"do_resise" is unknown, did you mean "do_resize"/],
  ["an unknown key", { zzzzzzzzzz: 1 }, /"zzzzzzzzzz" is unknown$/],
  ["a wrong type", { do_resize: "yes" }, /key "do_resize"/],
  ["an unsupported size", { size: { longest_edge: 5 } }, /key "size"/],
  ["a resize without size", { do_resize: true }, /"do_resize" is true but "size" is missing/],
  ["a normalize without means", { do_normalize: true }, /"image_mean" is missing/],
  ["a deviation of zero", { image_mean: 0, image_std: [1, 0, 1] }, /"image_std" has a zero/],
  ["a list", [1], /not a JSON object/],
];
for (const [what, keys, message] of refused) {
  test(`parsePreprocessor rejects ${what} and names the file`, () => {
    assert.throws(() => parse(keys), (error) => {
      assert.ok(error instanceof ConfigError);
      assert.match(error.message, /"p\.json"/);
      assert.match(error.message, message);
      return true;
    });
  });
}

test("parsePreprocessor rejects files that are not JSON", () => {
  assert.throws(() => parsePreprocessor("{", "p.json"), /"p\.json": it is not JSON/);
});

test("loadPreprocessor takes the file given, then STEM's, then the folder's, then the default", async () => {
  const folder = await mkdtemp(join(tmpdir(), "halftone-"));
  try {
    const model = join(folder, "net.onnx");
    assert.deepEqual(await loadPreprocessor(undefined, model), defaultPreprocessor);
    await writeFile(join(folder, "preprocessor_config.json"), '{"rescale_factor": 2}');
    assert.equal((await loadPreprocessor(undefined, model)).factor, 2);
    await writeFile(join(folder, "net.preprocessor_config.json"), '{"rescale_factor": 3}');
    assert.equal((await loadPreprocessor(undefined, model)).factor, 3);
    await writeFile(join(folder, "mine.json"), '{"rescale_factor": 4}');
    assert.equal((await loadPreprocessor(join(folder, "mine.json"), model)).factor, 4);
    await assert.rejects(
      loadPreprocessor(join(folder, "absent.json"), model),
      /absent\.json": no readable file/,
    );
  } finally {
    await rm(folder, { recursive: true });
  }
});
