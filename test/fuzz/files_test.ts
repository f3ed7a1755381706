// JSON, .npy and .npz files with something changed: a few hundred of each kind, the same in every run. HALFTONE_FUZZ=10000
// draws as many of each, from another seed.
import assert from "node:assert/strict";
import process from "node:process";
import test from "node:test";
import { HalftoneError } from "../../src/error.ts";
import { seed } from "../seed.ts";
import { npy, npz } from "./arrays.ts";
import { checkpoints, configurations, preprocessors, quantInfos, shards, trainings } from "./json.ts";
import type { Kind } from "./kind.ts";

const asked = Number(process.env.HALFTONE_FUZZ ?? 0);
const [count, from] = asked > 0 ? [asked, seed] : [300, 12];
const longestMs = 10_000;

const kinds: Readonly<Record<string, () => Promise<Kind>>> = {
  "configuration files": configurations,
  "quant_info.json": quantInfos,
  "preprocessor_config.json": preprocessors,
  "statistics of shards": shards,
  "checkpoints of finetuning": checkpoints,
  "checkpoints of training": trainings,
  ".npy files": npy,
  ".npz files": npz,
};

for (const [name, open] of Object.entries(kinds)) {
  test(`${count} changed ${name} end well or in halftone's own errors, seed ${from}`, async () => {
    const { draw, run } = await open();
    const failures: string[] = [];
    for (let index = 0; index < count; index++) {
      const { about, bytes } = draw(from, index);
      const started = performance.now();
      await run(bytes).catch((error) => {
        if (error instanceof HalftoneError) return;
        const text = new TextDecoder("latin1").decode(bytes.subarray(0, 2000));
        failures.push(`${about}: ${error.stack.split("\n").slice(0, 4).join("\n")}\n${text}`);
      });
      const spent = performance.now() - started;
      assert.ok(spent < longestMs, `${about} takes ${spent} ms`);
    }
    assert.deepEqual(failures.slice(0, 3), [], `${failures.length} failures`);
  });
}
