// Files of shards, and which of them belong together.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { empty, histogramOf } from "../../src/calibrate/histogram.ts";
import { ConfigError, ModelError } from "../../src/error.ts";
import { joinShards } from "../../src/files/join_shards.ts";
import { parseShard, type ShardFile, shardJson } from "../../src/files/shard.ts";

const values = fc.float32Array({ maxLength: 30, noNaN: true, noDefaultInfinity: true });

const shardWith = (index: number, of: number, parts: Record<string, Float32Array>): ShardFile => ({
  index,
  of,
  version: "0.1.0",
  model: { path: "/models/m.onnx", digest: "m" },
  dataset: { samples: 64, digest: "d" },
  options: { method: "mse", weightBits: 8 },
  effective: {},
  notes: [],
  images: parts.a.length,
  seconds: index,
  device: `gpu ${index % 2}`,
  software: false,
  skipped: [],
  histograms: new Map(Object.entries(parts).map(([name, part]) => [name, histogramOf(part)])),
});
const text = (shard: ShardFile) => JSON.stringify(shardJson(shard));
const parseText = (json: string) => parseShard(JSON.parse(json));

test("parseShard reads back exactly what shardJson wrote", () => {
  fc.assert(fc.property(values, values, (a, b) => {
    const shard = shardWith(2, 3, { a, __proto__b: b });
    assert.deepEqual(parseText(text(shard)), shard);
  }));
});

test("joinShards of files in any order equals the histogram of everything", () => {
  const parts = fc.array(fc.tuple(values, values), { minLength: 1, maxLength: 7 });
  fc.assert(fc.property(parts, fc.infiniteStream(fc.nat()), (pairs, picks) => {
    const files = pairs.map(([a, b], i) => text(shardWith(i + 1, pairs.length, { a, b })));
    const shuffled = files.map((file) => ({ file, at: picks.next().value! })).sort((x, y) => x.at - y.at);
    const joined = joinShards(shuffled.map(({ file }, i) => ({ file: `${i}`, shard: parseText(file) })));
    const all = (k: number) => histogramOf(Float32Array.from(pairs.flatMap((pair) => [...pair[k]])));
    assert.deepEqual(joined.histograms, new Map([["a", all(0)], ["b", all(1)]]));
    assert.equal(joined.images, pairs.reduce((sum, [a]) => sum + a.length, 0));
    assert.equal(joined.seconds, pairs.length * (pairs.length + 1) / 2);
    assert.deepEqual(joined.devices, ["gpu 1", "gpu 0"].slice(0, pairs.length));
  }));
});

const some = (index: number, of = 3) => shardWith(index, of, { a: Float32Array.of(1, -index, 3) });
const filesOf = (...shards: ShardFile[]) => shards.map((shard, i) => ({ file: `${i}.json`, shard }));

const refused: [string, ShardFile[], RegExp][] = [
  ["nothing", [], /no file is given/],
  ["a missing shard", [some(3), some(1)], /Cannot merge 2 of 3 shards: 2 is missing.*run calib --shard 2\/3/],
  ["all of two billion but one", [some(1, 2 ** 31)], /1 of 2147483648 shards: 2, 3, .*, 11, … are missing/],
  ["several missing ones", [some(2)], /1, 3 are missing/],
  [
    "the same shard twice",
    [some(1), some(3), some(2), some(3)],
    /"1\.json" and "3\.json": both are shard 3 of 3/,
  ],
  ["other counts", [some(1), some(2, 2)], /differ in count of shards: 3 and 2/],
  [
    "another model",
    [some(1), { ...some(2), model: { path: "/models/m.onnx", digest: "n" } }],
    /differ in model: "m" and "n"/,
  ],
  [
    "other data",
    [some(1), { ...some(2), dataset: { samples: 65, digest: "d" } }],
    /differ in data, their order or their preprocessing/,
  ],
  [
    "other options",
    [some(1), { ...some(2), options: { method: "entropy" } }],
    /differ in options: .*entropy/,
  ],
  [
    "another version",
    [some(1), { ...some(2), version: "0.2.0" }],
    /differ in version of halftone: "0\.1\.0" and "0\.2/,
  ],
  [
    "other points",
    [some(1), { ...some(2), histograms: new Map([["b", empty]]) }],
    /differ in measured values: \["a"\] and \["b"\]/,
  ],
];
for (const [what, shards, message] of refused) {
  test(`joinShards refuses ${what} and names it`, () => {
    assert.throws(() => joinShards(filesOf(...shards)), (error: Error) => {
      assert.ok(error instanceof ConfigError, error.stack);
      assert.match(error.message, message);
      return true;
    });
  });
}

// deno-lint-ignore no-explicit-any
const spoilt: [string, (body: any) => void, RegExp][] = [
  ["another form", (body) => body.form = 2, /key "form"/],
  ["a count that is negative", (body) => body.points[0].counts[0] = -1, /"points" › 0 › "counts" › 0/],
  [
    "bins that do not fit the range",
    (body) => body.points[0].counts.push(1),
    /the histogram of "a": it has \d+ bins/,
  ],
  ["a wider range", (body) => body.points[0].extent[1] = 1e9, /the histogram of "a"/],
  ["a value twice", (body) => body.points.push(body.points[0]), /a value has two histograms/],
  ["a shard beyond their count", (body) => body.index = 4, /key "index"/],
  ["an unknown key", (body) => body.extra = 1, /extra/],
];
for (const [what, spoil, message] of spoilt) {
  test(`parseShard refuses ${what}`, () => {
    const body = JSON.parse(text(some(1)));
    spoil(body);
    assert.throws(() => parseShard(body), (error: Error) => {
      assert.ok(error instanceof ModelError, error.stack);
      assert.match(error.message, message);
      return true;
    });
  });
}

test("parseShard turns any JSON into a shard or a ModelError", () => {
  fc.assert(fc.property(fc.jsonValue(), (body) => assert.throws(() => parseShard(body), ModelError)));
});
