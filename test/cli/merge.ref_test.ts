// calib --shard and merge from end to end on a tiny model.
import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { tensor } from "../../src/tensor/tensor.ts";
import { inTempFolder, runInProcess } from "./run_program.ts";
import { tinyGraph, writePictures, writeTinyModel } from "./tiny.ts";

const bytes = (...path: string[]) => readFileSync(join(...path), "utf8");

/** Writes the shards of a run into a folder; the result includes the arguments to write more. */
async function shardsIn(folder: string, of: number, ...more: string[]) {
  const [model, pictures] = [await writeTinyModel(folder), await writePictures(folder, 6)];
  const out = join(folder, "shards");
  const usual = ["--model", model, "--data", pictures, "--device", "cpu", "--batch-size", "2", ...more];
  const files: string[] = [];
  for (let i = 1; i <= of; i++) {
    const ran = await runInProcess(["calib", ...usual, "--output", out, "--shard", `${i}/${of}`, "--json"]);
    assert.equal(ran.code, 0, ran.stdout);
    files.push(...JSON.parse(ran.stdout).outputs);
  }
  return { model, pictures, usual, files, out };
}

const merge = (folder: string, files: string[], ...more: string[]) =>
  runInProcess(["merge", ...files, "--output", join(folder, "merged"), "--json", ...more]);

for (const parts of [1, 2, 3, 5]) {
  test(`merge of ${parts} shards in any order writes the quant_info.json of one run`, () =>
    inTempFolder(async (folder) => {
      const subset = ["--subset-len", "10", "--seed", "7", "--method", "entropy"];
      const { files, usual, out } = await shardsIn(folder, parts, ...subset);
      assert.deepEqual(files, files.map((_, i) => join(out, `shard-${i + 1}-of-${parts}.json`)));
      const whole = await runInProcess(["calib", ...usual, "--output", join(folder, "whole")]);
      assert.equal(whole.code, 0, whole.stderr);
      for (const order of [files, [...files].reverse()]) {
        const ran = await merge(folder, order);
        assert.equal(ran.code, 0, ran.stdout);
        const { images, shards, outputs } = JSON.parse(ran.stdout);
        assert.deepEqual([images, shards, outputs.length], [10, parts, 3]);
        assert.equal(bytes(folder, "merged", "quant_info.json"), bytes(folder, "whole", "quant_info.json"));
        const [merged, one] = ["merged", "whole"].map((name) =>
          JSON.parse(bytes(folder, name, "report.json"))
        );
        for (const key of ["points", "configuration", "effective_configuration", "float_nodes", "images"]) {
          assert.deepEqual(merged[key], one[key], key);
        }
      }
    }));
}

type Place = Awaited<ReturnType<typeof shardsIn>> & { readonly folder: string };

const refusals: [string, (place: Place) => string[] | Promise<string[]>, RegExp][] = [
  ["a missing shard", ({ files }) => [files[0]], /Cannot merge 1 of 2 shards: 2 is missing/],
  ["a shard twice", ({ files }) => [...files, files[1]], /both are shard 2 of 2/],
  ["a missing file", ({ folder }) => [join(folder, "no.json")], /no\.json.*does not exist/],
  ["a file that is something else", ({ files, folder }) => {
    writeFileSync(join(folder, "x.json"), "{}");
    return [join(folder, "x.json"), ...files];
  }, /x\.json.*Cannot read/],
  ["a changed digit", ({ files }) => {
    writeFileSync(files[0], bytes(files[0]).replace(/"images":\d+/, '"images":7'));
    return files;
  }, /shard-1-of-2\.json.*damaged or edited; run that shard again/],
  ["a model with other weights", async ({ files, folder }) => {
    const graph = tinyGraph();
    const value = graph.values.get("head.bias")!;
    const constant = tensor("float32", [2], [0.5, 0.25]);
    await writeTinyModel(folder, {
      ...graph,
      values: new Map([...graph.values, ["head.bias", { ...value, constant }]]),
    });
    return files;
  }, /tiny\.onnx" is not the model of the shards/],
  ["a shard with other options", async ({ files, usual, out }) => {
    await runInProcess(["calib", ...usual, "--output", out, "--shard", "2/2", "--method", "maxmin"]);
    return files;
  }, /differ in options/],
  ["a shard of other data", async ({ files, usual, out }) => {
    await runInProcess(["calib", ...usual, "--output", out, "--shard", "2/2", "--seed", "3"]);
    return files;
  }, /differ in data, their order or their preprocessing/],
  ["a shard of other batches", async ({ files, usual, out }) => {
    await runInProcess(["calib", ...usual, "--output", out, "--shard", "2/2", "--batch-size", "3"]);
    return files;
  }, /differ in data, their order or their preprocessing/],
];
for (const [what, prepare, message] of refusals) {
  test(`merge refuses ${what}: exit 1, and nothing is written`, () =>
    inTempFolder(async (folder) => {
      const place = await shardsIn(folder, 2);
      const ran = await merge(folder, await prepare({ ...place, folder }));
      assert.equal(ran.code, 1, ran.stdout);
      const { kind, message: text, where } = JSON.parse(ran.stdout).error;
      assert.notEqual(kind, "InternalError", text);
      assert.match([...where, text].join(" "), message);
      assert.ok(!existsSync(join(folder, "merged")));
    }));
}

test("merge refuses a shard's file truncated anywhere", () =>
  inTempFolder(async (folder) => {
    const { files } = await shardsIn(folder, 1);
    const whole = bytes(files[0]);
    for (let length = 0; length < whole.length - 2; length += 1 + Math.floor(whole.length / 40)) {
      writeFileSync(files[0], whole.slice(0, length));
      const ran = await merge(folder, files);
      assert.equal(ran.code, 1);
      assert.match(ran.stdout, /Cannot read the statistics: .*run that shard again/);
    }
  }));

test("calib refuses more shards than batches, and malformed --shard values", () =>
  inTempFolder(async (folder) => {
    const { usual, out } = await shardsIn(folder, 1);
    const ran = await runInProcess(["calib", ...usual, "--output", out, "--shard", "7/7"]);
    assert.equal(ran.code, 1);
    assert.match(
      ran.stderr,
      /Cannot take shard 7 of 7: the data are 6 batches of 2, expected at most 6 shards/,
    );
    for (const shard of ["0/2", "3/2", "2", "1/2/3", "a/b", "-1/2"]) {
      assert.equal((await runInProcess(["calib", ...usual, `--shard=${shard}`])).code, 2, shard);
    }
    assert.equal((await runInProcess(["merge", "--output", out])).code, 2);
  }));

test("a data set of one image can be one shard", () =>
  inTempFolder(async (folder) => {
    const { files } = await shardsIn(folder, 1, "--subset-len", "1");
    const ran = await merge(folder, files);
    assert.equal(JSON.parse(ran.stdout).images, 1);
  }));
