// Calibration in shards: any partition and order give the same quant_info.json.
import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { joinShards } from "../../src/files/join_shards.ts";
import { quantInfoOf } from "../../src/files/quant_info.ts";
import { parseShard, shardJson } from "../../src/files/shard.ts";
import { calibrate, calibrateFrom, type Calibration, measure, ModelError } from "../../src/mod.ts";
import { referenceMachine } from "../../src/plan/interpret.ts";
import { tensor } from "../../src/tensor/tensor.ts";
import { tinyGraph } from "../cli/tiny.ts";

const graph = tinyGraph();
const shape = [2, 3, 8, 8];
const pictures = (seed: number) =>
  tensor(
    "float32",
    shape,
    Array.from({ length: 384 }, (_, i) => Math.sin(seed * 97 + i * (1 + seed % 5)) * (1 + seed % 3)),
  );
/** Batches with these seeds, as a data set. */
const dataset = (seeds: readonly number[]) => ({
  count: seeds.length * 2,
  async *batches() {
    for (const seed of seeds) yield { feeds: new Map([["picture", pictures(seed)]]), count: 2 };
  },
});
const quantInfoText = (calibration: Calibration) =>
  JSON.stringify(quantInfoOf(calibration, "0.1.0", "digest"));

test("any partition merged in any order gives the quant_info.json of one run", async () => {
  const machine = referenceMachine();
  const method = fc.constantFrom(
    "maxmin" as const,
    "percentile" as const,
    "entropy" as const,
    "mse" as const,
  );
  const cuts = fc.array(fc.array(fc.nat(50), { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(cuts, method, fc.infiniteStream(fc.nat()), async (parts, method, picks) => {
      const whole = quantInfoText(await calibrate(graph, dataset(parts.flat()), machine, { method }));
      const shards = await Promise.all(parts.map(async (seeds, i) => {
        const measured = await measure(graph, dataset(seeds), machine, { method });
        const rest = { version: "0.1.0", device: "", software: true, skipped: [], notes: [], effective: {} };
        const model = { path: "m", digest: "m" };
        const about = { dataset: { samples: 9, digest: "d" }, options: { method }, model, ...rest };
        const json = JSON.stringify(shardJson({ index: i + 1, of: parts.length, ...about, ...measured }));
        return { file: `${i}`, shard: parseShard(JSON.parse(json)), at: picks.next().value! };
      }));
      const joined = joinShards(shards.sort((a, b) => a.at - b.at));
      assert.equal(quantInfoText(calibrateFrom(graph, joined, joined.options)), whole);
    }),
    { numRuns: 15 },
  );
});

test("calibrateFrom refuses statistics of different points", async () => {
  const measured = await measure(graph, dataset([1]), referenceMachine());
  assert.throws(
    () => calibrateFrom(graph, measured, { exclude: ["Gemm"] }),
    (error: Error) =>
      error instanceof ModelError && / is no point of this model; measure again$/.test(error.message),
  );
  const less = { ...measured, histograms: new Map([...measured.histograms].slice(1)) };
  assert.throws(() => calibrateFrom(graph, less), /value "picture" is not among them; measure again/);
});
