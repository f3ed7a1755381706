// halftone bench on an adapter: the layer profile, a device without timestamps, and device loss.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { measureAll } from "../../cli/latency/run.ts";
import { contestOf } from "../../cli/latency/contest.ts";
import { openModel } from "../../cli/open.ts";
import type { BenchFlags } from "../../cli/options/bench.ts";
import { terminalOn } from "../../cli/terminal/terminal.ts";
import { openAdapter } from "../../src/device/adapter.ts";
import { gpuMachine } from "../../src/device/gpu_machine.ts";
import { benchArguments, demo } from "./demo_encodings.ts";
import { filesIn, flagsOf, halftone, inTempFolder, readJson } from "./run_program.ts";

const bounds = ["arithmetic", "memory", "launch"];

const benchDemo = (folder: string) => benchArguments(folder, "--duration", "0.05");

test("bench on an adapter: profile and trace by layer, with what limits each", () =>
  inTempFolder(async (folder) => {
    const [profile, trace] = ["profile.json", "trace.json"].map((name) => join(folder, name));
    const words = [
      ...await benchDemo(folder),
      "--dumpProfile",
      `--exportProfile=${profile}`,
      `--exportTrace=${trace}`,
    ];
    const ran = await halftone(...words);
    assert.equal(ran.code, 0, ran.stderr);
    assert.match(ran.stdout, /=== Profile: .*\n.*fp32 ms.*Time %.*rate.*limited by/);
    assert.match(ran.stdout, /QuantizeLinear ".*" is not faster in int8: only the quantized model has it/);
    const { layers, roof } = readJson(profile);
    assert.ok(Object.values<number>(roof).every((rate) => rate > 0));
    const convolutions = layers.filter(({ type }: { type: string }) => type === "Conv");
    assert.equal(convolutions.length, 9);
    for (const { runs } of convolutions) {
      const { fp32, int8 } = runs;
      assert.ok(fp32.gflop_per_s > 0 && int8.gop_per_s > 0 && fp32.gb_per_s > 0);
      assert.deepEqual([fp32.integer, int8.integer, int8.type], [false, true, "QLinearConv"]);
      assert.ok(bounds.includes(fp32.bound) && bounds.includes(int8.bound));
    }
    const { traceEvents } = readJson(trace);
    assert.ok(traceEvents.some(({ cat }: { cat?: string }) => cat === "layer"));
    const { device, runs, software_adapter } = readJson(join(folder, "bench.json"));
    assert.ok(ran.stdout.includes(device));
    if (software_adapter) assert.match(ran.stdout, /not a GPU/);
    assert.equal(runs.int8.clock, "gpu");
  }));

/** Runs `bench` on a machine whose device `spoil` may destroy. */
async function benchOn(folder: string, more: string[], spoil: (device: GPUDevice, query: number) => void) {
  const words = await benchDemo(folder);
  const flags = (await flagsOf([...words, ...more])).flags as unknown as BenchFlags;
  const opened = await openAdapter("auto");
  const device = await opened.adapter.requestDevice();
  const machine = gpuMachine(device, opened);
  let queries = 0;
  const profile: typeof machine.profile = (...given) => {
    spoil(device, ++queries);
    return machine.profile!(...given);
  };
  const model = await openModel(demo);
  let notes = "";
  const terminal = terminalOn({ write: (text) => notes += text }, 1);
  const found = await measureAll({
    flags,
    terminal,
    machine: { ...machine, profile },
    contest: await contestOf(model, ["fp32", "int8"], { output: folder }),
  });
  machine.close();
  return { found, notes };
}

test("bench on an adapter without timestamps says so and continues", () =>
  inTempFolder(async (folder) => {
    const { found, notes } = await benchOn(folder, ["--dumpProfile"], () => {});
    assert.match(notes, /no timestamps: compute time is the wait from submission to results/);
    assert.match(notes, /No layer profile/);
    assert.equal(found.deviceError, undefined);
    const [{ runs }] = found.results;
    assert.deepEqual(runs.map(({ measured }) => measured.clock), ["host", "host"]);
    assert.ok(runs.every(({ compute }) => compute.min > 0));
  }));

test("bench keeps what was measured before the device was lost", () =>
  inTempFolder(async (folder) => {
    const { found } = await benchOn(folder, ["--iterations=100000"], (device, query) => {
      if (query === 12) device.destroy();
    });
    assert.equal(found.deviceError?.name, "DeviceError");
    assert.match(found.deviceError.message, /the device was lost/);
    const kept = found.results[0].runs.reduce((sum, { queries }) => sum + queries, 0);
    assert.equal(kept, 11);
  }));

test("bench --json on an adapter prints one object, and leaves no other file", () =>
  inTempFolder(async (folder) => {
    const words = await benchDemo(folder);
    const before = filesIn(folder);
    const ran = await halftone(...words, "--json", "--quiet");
    assert.equal(ran.code, 0, ran.stderr);
    assert.equal(JSON.parse(ran.stdout).runs.int8.clock, "gpu");
    assert.deepEqual(filesIn(folder).filter((name) => !before.includes(name)), [
      "bench.json",
      "bench_latency.svg",
    ]);
    assert.ok(existsSync(join(folder, "bench.json")));
  }));
