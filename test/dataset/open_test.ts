import assert from "node:assert/strict";
import { symlink } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { zipSync } from "fflate";
import { type DatasetOptions, type ModelInput, openDataset } from "../../src/dataset/mod.ts";
import { ConfigError, ModelError, UnsupportedError } from "../../src/error.ts";
import type { Batch } from "../../src/plan/machine.ts";
import { numbers } from "../../src/tensor/tensor.ts";
import { inFolder, png } from "./folder.ts";
import { npyOf } from "./npy_bytes.ts";

const image: ModelInput = { name: "x", shape: ["N", 3, 2, 2], dtype: "float32" };
const vector: ModelInput = { name: "x", shape: ["N", 2], dtype: "float32" };
const open = (path: string, options: Partial<DatasetOptions> = {}) =>
  openDataset({ sources: [{ path }], inputs: [image], sample: "first", ...options });

async function sweep(batches: () => AsyncIterable<Batch>): Promise<Batch[]> {
  const result: Batch[] = [];
  for await (const batch of batches()) result.push(batch);
  return result;
}

/** The first element of each real sample: the level of a single-colour image, 0..255. */
function levelsOf(batches: readonly Batch[]): number[] {
  return batches.flatMap(({ feeds, count }) => {
    const { shape } = feeds.get("x")!;
    const values = numbers(feeds.get("x")!);
    const stride = values.length / shape[0];
    return Array.from({ length: count }, (_, i) => Math.round(values[i * stride] * 255));
  });
}

async function pictures(names: readonly string[]): Promise<Record<string, Uint8Array>> {
  const made = names.map(async (name, i) => [name, await png(2, 2, 10 * (i + 1))] as const);
  return Object.fromEntries(await Promise.all(made));
}

test("openDataset labels class folders alphabetically, files sorted, deeper ones included", async () => {
  await inFolder(await pictures(["b/2.png", "a/9.png", "a/deep/1.png", "B/3.png"]), async (folder) => {
    const data = await open(folder);
    const [batch] = await sweep(data.batches);
    assert.deepEqual(data.classes, ["B", "a", "b"]);
    assert.deepEqual([data.count, data.labelled, batch.count], [4, true, 4]);
    assert.deepEqual(levelsOf([batch]), [40, 20, 30, 10]);
    assert.deepEqual(batch.labels, [0, 1, 1, 2]);
  });
});

test("openDataset follows links to class folders", async () => {
  await inFolder(await pictures(["real/1.png", "set/b/2.png"]), async (folder) => {
    await symlink(join(folder, "real"), join(folder, "set", "a"));
    const data = await open(join(folder, "set"));
    assert.deepEqual([data.classes, levelsOf(await sweep(data.batches))], [["a", "b"], [10, 20]]);
  });
});

test("openDataset takes labels of a flat folder from labels.txt, or from the file given", async () => {
  const files = await pictures(["a.png", "b c.png", "d.png"]);
  const labels = { "labels.txt": "# comment\r\nd.png 7\r\nb c.png  2\r\n\r\n", "mine.txt": "./a.png 1\n" };
  await inFolder({ ...files, ...labels }, async (folder) => {
    assert.deepEqual((await sweep((await open(folder)).batches))[0].labels, [undefined, 2, 7]);
    const mine = await open(folder, { labels: join(folder, "mine.txt") });
    assert.deepEqual((await sweep(mine.batches))[0].labels, [1, undefined, undefined]);
  });
});

test("openDataset without labels says so", async () => {
  await inFolder(await pictures(["a.png"]), async (folder) => {
    for (const path of [folder, join(folder, "a.png")]) {
      const data = await open(path);
      assert.equal(data.labelled, false);
      assert.equal((await sweep(data.batches))[0].labels, undefined);
    }
  });
});

test("openDataset draws a subset by seed that covers all classes", async () => {
  const names = Array.from({ length: 24 }, (_, i) => `${"abcd"[i % 4]}/${i}.png`);
  await inFolder(await pictures(names), async (folder) => {
    const subset = async (seed: number) => {
      const data = await open(folder, { sample: "random", count: 8, seed });
      const batches = await sweep(data.batches);
      assert.deepEqual(levelsOf(batches), levelsOf(await sweep(data.batches)), "sweeps differ");
      assert.deepEqual(batches.flatMap(({ labels }) => labels!).sort(), [0, 0, 1, 1, 2, 2, 3, 3]);
      return levelsOf(batches);
    };
    assert.deepEqual(await subset(1), await subset(1));
    assert.notDeepEqual(await subset(1), await subset(2));
  });
});

test("openDataset fills the last batch by repeating and counts the real samples", async () => {
  await inFolder(await pictures(["1.png", "2.png", "3.png"]), async (folder) => {
    const data = await open(folder, { batchSize: 2 });
    const batches = await sweep(data.batches);
    assert.deepEqual(data.shapes.get("x"), [2, 3, 2, 2]);
    assert.deepEqual(batches.map(({ count, feeds }) => [count, feeds.get("x")!.shape[0]]), [[2, 2], [1, 2]]);
    const last = numbers(batches[1].feeds.get("x")!);
    assert.deepEqual(last.slice(12), last.slice(0, 12));
    assert.equal((await open(folder)).batchSize, 3, "no batch is larger than the data");
  });
});

test("openDataset takes the model's fixed batch", async () => {
  await inFolder(await pictures(["1.png", "2.png", "3.png"]), async (folder) => {
    const data = await open(folder, { inputs: [{ ...image, shape: [1, 3, 2, 2] }], batchSize: 16 });
    assert.equal(data.batchSize, 1);
    assert.deepEqual(levelsOf(await sweep(data.batches)), [10, 20, 30]);
  });
});

test("openDataset skips, counts and names unreadable images among readable ones", async () => {
  const good = await pictures(["1.png", "3.png", "5.png"]);
  const bad = { "2.png": "no picture", "4.png": good["1.png"].subarray(0, 60), "0.bmp": "BM" };
  await inFolder({ ...good, ...bad }, async (folder) => {
    const data = await open(folder, { batchSize: 2 });
    for (let repeat = 0; repeat < 2; repeat++) {
      assert.deepEqual(levelsOf(await sweep(data.batches)), [10, 20, 30]);
      assert.deepEqual(
        data.skipped().map(({ file }) => file),
        ["0.bmp", "2.png", "4.png"].map((f) => join(folder, f)),
      );
      for (const { why } of data.skipped()) assert.match(why, /^\S[^\n]+$/);
    }
  });
});

test("openDataset rejects a folder without a readable image", async () => {
  await inFolder({ "1.png": "no", "2.png": "no" }, async (folder) => {
    await assert.rejects(
      open(folder),
      (error) => error instanceof ModelError && /any of 2 images.*1\.png/.test(error.message),
    );
  });
});

test("openDataset gives random data on request only, the same for the same seed", async () => {
  const draw = async (seed: number) => {
    const data = await open("random", { inputs: [vector], count: 3, seed });
    return numbers((await sweep(data.batches))[0].feeds.get("x")!);
  };
  assert.deepEqual(await draw(1), await draw(1));
  assert.notDeepEqual(await draw(1), await draw(2));
  const flagged = await openDataset({ sources: [], inputs: [vector], random: true, batchSize: 5 });
  assert.equal(flagged.count, 5);
});

test("openDataset reads one sample or one batch per .npy file, in the order of the files", async () => {
  const files = {
    "b.npy": npyOf([1, 2, 3, 4], [2, 2]),
    "a.npy": npyOf([8, 9], [2]),
    "c.npz": zipSync({ "any.npy": npyOf([5, 6], [1, 2]) }),
  };
  await inFolder(files, async (folder) => {
    const data = await open(folder, { inputs: [vector], sample: "random" });
    const [{ feeds, count }] = await sweep(data.batches);
    assert.equal(count, 4);
    assert.deepEqual(numbers(feeds.get("x")!), [8, 9, 1, 2, 3, 4, 5, 6]);
  });
});

test("openDataset feeds several inputs from one .npz, or from one path each", async () => {
  const inputs = [vector, { name: "y", shape: ["N"], dtype: "int64" } as const];
  const x = npyOf([1, 2, 3, 4], [2, 2]);
  const y = npyOf([], [0]);
  const ids = { ...inputs[1], dtype: "float32" } as const;
  await inFolder(
    { "both.npz": zipSync({ "x.npy": x, "y.npy": npyOf([5, 6], [2]) }), "x.npy": x, "y.npy": y },
    async (folder) => {
      const [{ feeds }] = await sweep(
        (await open(join(folder, "both.npz"), { inputs: [vector, ids] })).batches,
      );
      assert.deepEqual([numbers(feeds.get("x")!), numbers(feeds.get("y")!)], [[1, 2, 3, 4], [5, 6]]);
      const sources = [{ input: "x", path: join(folder, "x.npy") }, {
        input: "y",
        path: join(folder, "y.npy"),
      }];
      await assert.rejects(openDataset({ sources, inputs: [vector, ids] }), /2 and 0 samples/);
      await assert.rejects(openDataset({ sources, inputs }), /it is float32, expected int64/);
    },
  );
});

type Case = [
  what: string,
  files: Record<string, Uint8Array | string>,
  options: Partial<DatasetOptions>,
  RegExp,
  typeof ConfigError,
];
const small = await png(2, 2, 50);
const large = await png(5, 4, 50);
const cases: Case[] = [
  ["an empty folder", { "notes.md": "" }, {}, /has 1 entries, expected at least one image/, ConfigError],
  [
    "a subset larger than the data",
    { "1.png": small },
    { count: 200 },
    /has 1 images, --subset-len asks for 200/,
    ConfigError,
  ],
  ["a count of zero", { "1.png": small }, { count: 0 }, /"count" is 0/, ConfigError],
  [
    "images of the wrong size",
    { "1.png": large },
    {},
    /it is 5x4 after preprocessing, the model expects 2x2/,
    ConfigError,
  ],
  [
    "images beside class folders",
    { "1.png": small, "a/2.png": small },
    {},
    /beside folders of images/,
    ConfigError,
  ],
  ["images beside arrays", { "1.png": small, "2.npy": npyOf([1], [1]) }, {}, /beside images/, ConfigError],
  [
    "a label file that names no image",
    { "1.png": small, "labels.txt": "2.png 1" },
    {},
    /none of its 1 files/,
    ConfigError,
  ],
  [
    "a label that is not a number",
    { "1.png": small, "labels.txt": "1.png cat" },
    {},
    /line 1 is "1.png cat"/,
    ModelError,
  ],
  [
    "NaN in an array",
    { "1.npy": npyOf([1, NaN], [2]) },
    { inputs: [vector] },
    /1\.npy": element 1 is NaN/,
    ModelError,
  ],
  [
    "an array of the wrong shape",
    { "1.npy": npyOf([1, 2, 3], [3]) },
    { inputs: [vector] },
    /\[3\], expected \[N,2\]/,
    ModelError,
  ],
  [
    "images for an integer input",
    { "1.png": small },
    { inputs: [{ ...image, dtype: "int64" }] },
    /expected float32/,
    UnsupportedError,
  ],
  [
    "a misspelt input",
    { "1.png": small },
    { sources: [{ input: "xx", path: "1.png" }] },
    /input "xx"/,
    ConfigError,
  ],
  ["no path", {}, { sources: [] }, /no path is given/, ConfigError],
];
for (const [what, files, options, message, Kind] of cases) {
  test(`openDataset refuses ${what}`, async () => {
    await inFolder(files, async (folder) => {
      await assert.rejects(open(folder, options), (error) => {
        assert.ok(error instanceof Kind, String(error));
        assert.match(error.message, message);
        return true;
      });
    });
  });
}

test("openDataset rejects a path where nothing is, and a file of an unknown kind", async () => {
  await assert.rejects(open("no/such/path"), /"no\/such\/path": nothing is there/);
  await inFolder(
    { "x.txt": "" },
    (folder) => assert.rejects(open(join(folder, "x.txt")), /x\.txt": it is not a folder/),
  );
});

test("openDataset takes open lengths from the first image and rejects others", async () => {
  await inFolder({ "1.png": large, "2.png": small }, async (folder) => {
    const data = await open(folder, { inputs: [{ ...image, shape: ["N", 3, "H", "W"] }] });
    assert.deepEqual(data.shapes.get("x"), [2, 3, 4, 5]);
    await assert.rejects(
      sweep(data.batches),
      /2\.png" into a batch: input "x" is \[3,2,2\], earlier samples are \[3,4,5\]/,
    );
  });
});
