// halftone bench from end to end on the demo's model, on the CPU: files, fields, exit codes and refusals. Durations are
// short, and no time is checked.
import assert from "node:assert/strict";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { benchArguments, demo } from "./demo_encodings.ts";
import { filesIn, inTempFolder, readJson, runInProcess } from "./run_program.ts";
import { tinyGraph, writePictures, writeTinyModel } from "./tiny.ts";

const distribution = ["max", "mean", "median", "min", "p90", "p95", "p99"];

const benchDemo = (folder: string) => benchArguments(folder, "--device", "cpu", "--duration", "0.02");

test("bench --json has the contract's fields, and writes the same, with a chart", () =>
  inTempFolder(async (folder) => {
    const ran = await runInProcess([...await benchDemo(folder), "--json"]);
    assert.equal(ran.code, 0, ran.stdout + ran.stderr);
    assert.equal(ran.stdout.trimEnd().split("\n").length, 1);
    const found = JSON.parse(ran.stdout);
    assert.match(found.device, /CPU/);
    assert.deepEqual([found.batch, found.software_adapter], [1, true]);
    assert.deepEqual(Object.keys(found.runs), ["fp32", "int8"]);
    for (const run of Object.values<Record<string, Record<string, number>>>(found.runs)) {
      for (const key of ["latency_ms", "gpu_compute_ms", "h2d_ms", "d2h_ms", "enqueue_ms"]) {
        for (const part of distribution) assert.ok(run[key][part] >= 0, `${key}.${part}`);
      }
      for (const key of ["throughput_qps", "images_per_second", "first_inference_ms", "load_ms"]) {
        assert.equal(typeof run[key], "number", key);
      }
      assert.equal(run.throughput_qps, run.images_per_second);
    }
    assert.equal(typeof found.speedup.median, "number");
    assert.equal(found.speedup.ci95.length, 2);
    assert.ok(found.speedup.ci95[0] <= found.speedup.ci95[1]);
    assert.deepEqual(filesIn(folder), ["bench.json", "bench_latency.svg", "quant_info.json"]);
    const { outputs, ...rest } = found;
    assert.deepEqual(readJson(folder, "bench.json"), rest);
    assert.deepEqual(outputs, ["bench.json", "bench_latency.svg"].map((name) => join(folder, name)));
  }));

test("bench prints trtexec's performance summary, the comparison, and that the device is not a GPU", () =>
  inTempFolder(async (folder) => {
    const data = await writePictures(folder, 2, 32);
    const words = await benchDemo(join(folder, "out"));
    const ran = await runInProcess([...words, "--data", data, "--percentile=50,99.9", "--verbose", "2"]);
    assert.equal(ran.code, 0, ran.stderr);
    for (
      const line of [
        "Throughput: ",
        "Latency: min = ",
        "Enqueue Time: ",
        "H2D Latency: ",
        "GPU Compute Time: ",
      ]
    ) {
      assert.equal(ran.stdout.split(`\n${line}`).length, 3, line);
    }
    assert.match(ran.stdout, /median = .*, percentile\(50%\) = .*, percentile\(99.9%\) = /);
    assert.match(ran.stdout, /D2H Latency: .*\nTotal Host Walltime: .* s\nTotal GPU Compute Time: .* s/);
    assert.match(ran.stdout, /Warning: \d+ queries are too few for percentile 99.9, expected at least 1000/);
    assert.match(ran.stdout, /Speed-up .*95 %: /);
    for (
      const row of ["Top-1", "Same first answer", "Output SQNR", "File", "Device memory", "First inference"]
    ) {
      assert.match(ran.stdout, new RegExp(`^${row} `, "m"));
    }
    assert.match(ran.stdout, /Accuracy: 4 samples of --data/);
    assert.match(ran.stderr, /not a GPU/);
    assert.match(ran.stderr, /Average on \d+ runs - GPU latency: .* - Host latency: .* \(enqueue .*\)/);
  }));

test("bench writes times with trtexec's field names, and a trace", () =>
  inTempFolder(async (folder) => {
    const [times, trace] = [join(folder, "made", "times.json"), join(folder, "trace.json")];
    const ran = await runInProcess([
      ...await benchDemo(folder),
      `--exportTimes=${times}`,
      `--exportTrace=${trace}`,
    ]);
    assert.equal(ran.code, 0, ran.stderr);
    const rows: Record<string, number>[] = readJson(times);
    const names = ["Enq", "H2d", "Compute", "D2h"].flatMap((stage) => [`start${stage}Ms`, `end${stage}Ms`]);
    for (const name of [...names, "h2dMs", "computeMs", "d2hMs", "latencyMs", "run"]) {
      assert.ok(name in rows[0], name);
    }
    for (const row of rows) {
      assert.ok(row.endD2hMs >= row.startComputeMs && row.startEnqMs >= 0);
    }
    const { traceEvents } = readJson(trace);
    assert.ok(
      traceEvents.every(({ ph, ts }: { ph: string; ts: number }) => ph === "M" || (ph === "X" && ts >= 0)),
    );
  }));

test("bench sweeps batch sizes, and compares any number of quantized files", () =>
  inTempFolder(async (folder) => {
    const words = await benchDemo(folder);
    const exported = await runInProcess(["export", "--model", demo, "--output", folder]);
    assert.equal(exported.code, 0, exported.stderr);
    const file = join(folder, "shapes_int.onnx");
    const ran = await runInProcess([
      ...words,
      "--quantized",
      file,
      "--quantized",
      file,
      "--batch=1,2",
      "--json",
    ]);
    assert.equal(ran.code, 0, ran.stdout);
    const { sweep, speedups, runs } = JSON.parse(ran.stdout);
    assert.deepEqual(Object.keys(runs), ["fp32", "int8", "shapes_int"]);
    assert.deepEqual(Object.keys(speedups), ["int8", "shapes_int"]);
    assert.deepEqual(sweep.map(({ batch }: { batch: number }) => batch), [1, 2]);
    assert.deepEqual(sweep[1].inputs, { image: [2, 3, 32, 32] });
    const { throughput_qps, images_per_second } = sweep[1].runs.int8;
    assert.equal(images_per_second, 2 * throughput_qps);
  }));

for (const scenario of ["multi", "offline", "server"]) {
  test(`bench --scenario ${scenario}`, () =>
    inTempFolder(async (folder) => {
      const more = ["--scenario", scenario, "--json", ...(scenario === "server" ? ["--target-qps=200"] : [])];
      const ran = await runInProcess([...await benchDemo(folder), ...more]);
      assert.equal(ran.code, 0, ran.stdout);
      assert.equal(JSON.parse(ran.stdout).scenario, scenario);
    }));
}

test("bench --shapes sets open dimensions", () =>
  inTempFolder(async (folder) => {
    const graph = tinyGraph();
    const values = new Map(graph.values).set("picture", { dtype: "float32", shape: ["N", 3, "H", "W"] });
    const model = await writeTinyModel(folder, { ...graph, values });
    const words = ["bench", "--model", model, "--quantized", model, "--output", folder, "--json"];
    words.push("--device", "cpu", "--duration", "0.02", "--warmUp=0");
    const ran = await runInProcess([...words, "--shapes=picture:2x3x6x9"]);
    assert.equal(ran.code, 0, ran.stdout);
    const { batch, inputs } = JSON.parse(ran.stdout);
    assert.deepEqual([batch, inputs], [2, { picture: [2, 3, 6, 9] }]);
    const { error } = JSON.parse((await runInProcess(words)).stdout);
    assert.match(error.message, /dimension "H" is open.*pass --shapes picture:1x3x\?x\?/);
  }));

test("bench --baseline: exit 1 and all results if a model is slower than before", () =>
  inTempFolder(async (folder) => {
    const words = await benchDemo(folder);
    const baseline = join(folder, "baseline.json");
    const first = await runInProcess([...words, `--exportBaseline=${baseline}`]);
    assert.equal(first.code, 0, first.stderr);
    const lenient = await runInProcess([...words, "--baseline", baseline, "--tolerance=1e9", "--json"]);
    assert.equal(lenient.code, 0, lenient.stdout);
    assert.deepEqual(JSON.parse(lenient.stdout).regressions, []);

    const before = readJson(baseline);
    before.runs.fp32.latency_ms.median = 1e9;
    before.runs.int8.latency_ms.median = 1e-9;
    writeFileSync(baseline, JSON.stringify(before));
    const slower = await runInProcess([...words, "--baseline", baseline]);
    assert.equal(slower.code, 1);
    assert.match(slower.stdout, /=== Performance summary: int8 ===/);
    assert.match(
      slower.stderr,
      /Slower than the baseline:\n {2}int8, batch 1: median latency .* above the baseline/,
    );
    const asJson = await runInProcess([...words, "--baseline", baseline, "--json"]);
    assert.equal(asJson.code, 1);
    assert.equal(JSON.parse(asJson.stdout).regressions.length, 1);
  }));

/** Refused before anything is measured or written. */
const refusals: [string, (folder: string) => string[] | Promise<string[]>, RegExp][] = [
  [
    "nothing quantized",
    (folder) => ["--output", join(folder, "none")],
    /no ".*quant_info.json"; run quantize or calib/,
  ],
  ["an unwritable place for times", (folder) => {
    writeFileSync(join(folder, "file"), "");
    return ["--exportTimes", join(folder, "file", "times.json")];
  }, /Cannot write into .*is a file, expected a folder/],
  ["an output folder that is a file", (folder) => {
    writeFileSync(join(folder, "taken"), "");
    return ["--output", join(folder, "taken")];
  }, /"taken" is a file|taken" is a file/],
  [
    "a shape of another rank",
    () => ["--shapes=image:3x32x32"],
    /Cannot shape input "image" as \[3, 32, 32\]/,
  ],
  [
    "a shape that contradicts a fixed dimension",
    () => ["--shapes=image:1x3x64x64"],
    /the model declares \[.*, 3, 32, 32\]/,
  ],
  [
    "a shape for an unknown input",
    () => ["--shapes=imag:1x3x32x32"],
    /no such input, did you mean "image"\?/,
  ],
  ["--shapes with a sweep", () => ["--shapes=image:1x3x32x32", "--batch=1,2"], /Cannot sweep --batch/],
  ["a missing baseline", (folder) => ["--baseline", join(folder, "b.json")], /Cannot read the baseline/],
  ["a file that is not a baseline", (folder) => {
    writeFileSync(join(folder, "b.json"), `{"device": 3}`);
    return ["--baseline", join(folder, "b.json")];
  }, /it is not a result of halftone bench/],
  ["a baseline of another device", (folder) => {
    const runs = { fp32: { latency_ms: { median: 1 } } };
    writeFileSync(join(folder, "b.json"), JSON.stringify({ device: "a GPU", batch: 1, runs }));
    return ["--baseline", join(folder, "b.json")];
  }, /it was measured on a GPU/],
  [
    "a quantized file of another model",
    async (folder) => ["--quantized", await writeTinyModel(folder)],
    /its inputs are picture, expected image/,
  ],
  ["a quantized file that is missing", (folder) => ["--quantized", join(folder, "no.onnx")], /no\.onnx/],
];

for (const [what, more, message] of refusals) {
  test(`bench refuses ${what}: exit 1, one message, nothing written`, () =>
    inTempFolder(async (folder) => {
      const words = await benchDemo(join(folder, "out"));
      const ran = await runInProcess([...words, ...await more(folder), "--json"]);
      assert.equal(ran.code, 1, ran.stdout);
      const { error } = JSON.parse(ran.stdout);
      assert.match([...error.where, error.message].join(" › "), message);
      assert.notEqual(error.kind, "InternalError");
      assert.ok(!existsSync(join(folder, "out", "bench.json")));
    }));
}

test("bench says that the CPU has no layer profile, and continues", () =>
  inTempFolder(async (folder) => {
    const file = join(folder, "profile.json");
    const ran = await runInProcess([...await benchDemo(folder), "--dumpProfile", `--exportProfile=${file}`]);
    assert.equal(ran.code, 0, ran.stderr);
    assert.match(ran.stderr, /No layer profile/);
    assert.ok(!existsSync(file));
  }));
