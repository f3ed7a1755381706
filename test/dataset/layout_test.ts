// Arrays in every form that samples come in, and the feeds that the model gets.
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { zipSync } from "fflate";
import { type Dataset, type DatasetOptions, type ModelInput, openDataset } from "../../src/dataset/mod.ts";
import { ConfigError, ModelError } from "../../src/error.ts";
import type { Batch } from "../../src/plan/machine.ts";
import { numbers } from "../../src/tensor/tensor.ts";
import { inFolder } from "./folder.ts";
import { npyOf } from "./npy_bytes.ts";

type Shape = (number | string)[];
const inputsOf = (shapes: Record<string, Shape>): ModelInput[] =>
  Object.entries(shapes).map(([name, shape]) => ({ name, shape, dtype: "float32" }));

/** Numbers that show their position: 0, 1, 2, … */
const counting = (shape: number[]) => {
  const count = shape.reduce((a, b) => a * b, 1);
  return npyOf(Array.from({ length: count }, (_, i) => i), shape);
};

async function openArrays(
  inputs: Record<string, Shape>,
  arrays: Record<string, number[]>,
  options: Partial<DatasetOptions> = {},
) {
  const files = Object.fromEntries(
    Object.entries(arrays).map(([name, shape]) => [`${name}.npy`, counting(shape)]),
  );
  const batches: Batch[] = [];
  let found: Dataset | undefined;
  await inFolder({ "d.npz": zipSync(files) }, async (folder) => {
    const sources = [{ path: join(folder, "d.npz") }];
    found = await openDataset({ sources, inputs: inputsOf(inputs), batchSize: 2, ...options });
    for await (const batch of found.batches()) batches.push(batch);
  });
  return { data: found!, batches };
}

type Row = {
  about: string;
  inputs: Record<string, Shape>;
  arrays: Record<string, number[]>;
  /** Samples, and samples of a batch. */
  count: number;
  size: number;
  /** Of the second batch. */
  fed: Record<string, { shape: number[]; first: number[] }>;
};
const rows: Row[] = [
  {
    about: "states sample first go to the batch axis",
    inputs: { x: ["batch", 1], state: [2, "batch", 2] },
    arrays: { x: [4, 1], state: [4, 2, 2] },
    ...{ count: 4, size: 2 },
    fed: {
      x: { shape: [2, 1], first: [2, 3] },
      state: { shape: [2, 2, 2], first: [8, 9, 12, 13, 10, 11, 14, 15] },
    },
  },
  {
    about: "states in the model's own layout",
    inputs: { x: ["batch", 1], state: [2, "batch", 2] },
    arrays: { x: [4, 1], state: [2, 4, 2] },
    ...{ count: 4, size: 2 },
    fed: { state: { shape: [2, 2, 2], first: [4, 5, 6, 7, 12, 13, 14, 15] } },
  },
  {
    about: "a scalar array serves all samples, and they stay together",
    inputs: { x: ["batch", 1], sr: [] },
    arrays: { x: [4, 1], sr: [] },
    ...{ count: 4, size: 2 },
    fed: { x: { shape: [2, 1], first: [2, 3] }, sr: { shape: [], first: [0] } },
  },
  {
    about: "one scalar per sample is fed one by one",
    inputs: { x: ["batch", 1], sr: [] },
    arrays: { x: [3, 1], sr: [3] },
    ...{ count: 3, size: 1 },
    fed: { x: { shape: [1, 1], first: [1] }, sr: { shape: [], first: [1] } },
  },
  {
    about: "one unbatched state serves all samples",
    inputs: { x: ["batch", 1], state: [2, "batch", 1] },
    arrays: { x: [4, 1], state: [2, 1] },
    ...{ count: 4, size: 2 },
    fed: { state: { shape: [2, 2, 1], first: [0, 0, 1, 1] } },
  },
  {
    about: "an input without a batch axis serves all samples",
    inputs: { x: ["batch", 1], anchors: [3, 2] },
    arrays: { x: [4, 1], anchors: [3, 2] },
    ...{ count: 4, size: 2 },
    fed: { anchors: { shape: [3, 2], first: [0, 1, 2, 3, 4, 5] } },
  },
  {
    about: "inputs without a batch are fed whole",
    inputs: { x: [3] },
    arrays: { x: [4, 3] },
    ...{ count: 4, size: 1 },
    fed: { x: { shape: [3], first: [3, 4, 5] } },
  },
  {
    about: "matrices without a batch are fed whole",
    inputs: { x: [2, 2] },
    arrays: { x: [3, 2, 2] },
    ...{ count: 3, size: 1 },
    fed: { x: { shape: [2, 2], first: [4, 5, 6, 7] } },
  },
  {
    about: "rows of a fixed batch",
    inputs: { x: [2, 2] },
    arrays: { x: [4, 2] },
    ...{ count: 4, size: 2 },
    fed: { x: { shape: [2, 2], first: [4, 5, 6, 7] } },
  },
  {
    about: "fixed first dimensions that differ: sample by sample",
    inputs: { x: [1, 2], state: [2, 1, 2] },
    arrays: { x: [3, 2], state: [3, 2, 2] },
    ...{ count: 3, size: 1 },
    fed: { x: { shape: [1, 2], first: [2, 3] }, state: { shape: [2, 1, 2], first: [4, 5, 6, 7] } },
  },
  {
    about: "samples with all axes, one of size 1 being the batch's",
    inputs: { x: [1, 2], state: [2, 1, 2] },
    arrays: { x: [3, 1, 2], state: [3, 2, 1, 2] },
    ...{ count: 3, size: 1 },
    fed: { x: { shape: [1, 2], first: [2, 3] }, state: { shape: [2, 1, 2], first: [4, 5, 6, 7] } },
  },
];
for (const { about, inputs, arrays, count, size, fed } of rows) {
  test(`openDataset: ${about}`, async () => {
    const { data, batches } = await openArrays(inputs, arrays);
    assert.deepEqual([data.count, data.batchSize], [count, size]);
    for (const [name, { shape, first }] of Object.entries(fed)) {
      const feed = batches[1].feeds.get(name)!;
      assert.deepEqual([feed.shape, numbers(feed)], [shape, first], name);
      assert.deepEqual(data.shapes.get(name), shape);
    }
  });
}

type Refusal = [string, Record<string, Shape>, Record<string, number[]>, RegExp, typeof ModelError];
const refusals: Refusal[] = [
  [
    "an array that fits no form",
    { x: ["batch", 2], sr: [] },
    { x: [4, 2], sr: [4, 1] },
    /"sr" \(float32 \[\]\): its shape is \[4,1\], expected \[N\] for N samples or \[\] for one; --batch-axis sr=AXIS says/,
    ModelError,
  ],
  [
    "counts that differ",
    { x: ["N", 2], y: ["N", 2] },
    { x: [4, 2], y: [3, 2] },
    /they hold 4 of "x", 3 of "y", expected as many samples of each, or one that serves all$/,
    ModelError,
  ],
  [
    "batches of two sizes",
    { x: [4, 2], y: [4] },
    { x: [8, 2], y: [8, 4] },
    /input "x" takes 4 samples at once and "y" 1, expected equal numbers; set their batch axes with --batch-axis/,
    ConfigError,
  ],
];
for (const [what, inputs, arrays, message, Kind] of refusals) {
  test(`openDataset refuses ${what}`, async () => {
    await assert.rejects(openArrays(inputs, arrays), (error) => {
      assert.ok(error instanceof Kind, String(error));
      assert.match(error.message, message);
      return true;
    });
  });
}

test("openDataset puts arrays of different lengths into different batches if the model leaves the length open", async () => {
  const files = { "a.npy": counting([2, 3]), "b.npy": counting([2, 5]), "c.npy": counting([2, 5]) };
  await inFolder(files, async (folder) => {
    const data = await openDataset({
      sources: [{ path: folder }],
      inputs: inputsOf({ x: ["N", 2, "T"] }),
      batchSize: 2,
    });
    const found = [];
    for await (const { feeds, count } of data.batches()) found.push([count, ...feeds.get("x")!.shape]);
    assert.deepEqual(found, [[1, 2, 2, 3], [2, 2, 2, 5]]);
  });
});

test("openDataset chains the samples of a file, and starts anew with each file", async () => {
  const files = { "a.npy": counting([2, 3]), "b.npy": counting([2, 3]) };
  const inputs = inputsOf({ x: ["N", 3], state: [2, "N", 1] });
  const chain = new Map([["state", "next"]]);
  await inFolder(files, async (folder) => {
    const open = (options: Partial<DatasetOptions>, of = inputs) =>
      openDataset({ sources: [{ path: folder }], inputs: of, chain, ...options });
    const found = [];
    for await (const { feeds, chain } of (await open({})).batches()) {
      found.push([feeds.get("x")!.shape[0], feeds.get("state")?.shape.join(), chain!.begins]);
    }
    assert.deepEqual(found, [[1, "2,1,1", true], [1, undefined, false], [1, "2,1,1", true], [
      1,
      undefined,
      false,
    ]]);
    const assertRejects = async (opening: Promise<unknown>, message: RegExp) =>
      await assert.rejects(opening, (error) => error instanceof ConfigError && message.test(error.message));
    await assertRejects(open({ shard: { index: 1, of: 2 } }), /leave out --shard or --chain$/);
    await assertRejects(open({ sample: "random", count: 2 }), /--sample first$/);
    const endless = inputsOf({ x: ["N", 3], state: ["layers", "N", 1] });
    await assertRejects(open({}, endless), /"state" with zeros: .* give its first value in the data$/);
  });
});
