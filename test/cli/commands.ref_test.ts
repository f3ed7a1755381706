// The commands from end to end on a tiny model, on the CPU.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { filesIn, inTempFolder, readJson, runInProcess } from "./run_program.ts";
import { tinyGraph, writePictures, writeTinyModel } from "./tiny.ts";

async function halftone(...argv: string[]): Promise<Record<string, never>> {
  const ran = await runInProcess([...argv, "--json"]);
  assert.equal(ran.code, 0, ran.stdout + ran.stderr);
  assert.equal(ran.stdout.trimEnd().split("\n").length, 1, "--json printed more than one line");
  return JSON.parse(ran.stdout);
}

const keys = (value: unknown) => Object.keys(value as object).sort();

const calibKeys = [
  "device",
  "float_nodes",
  "images",
  "method",
  "outputs",
  "peak_rss_bytes",
  "quantized_nodes",
  "seconds",
];
const evalKeys = ["agreement", "device", "float", "images", "mode", "output_sqnr_db", "quantized"];

const includesAll = (value: unknown, wanted: readonly string[]) =>
  assert.deepEqual(wanted.filter((key) => !keys(value).includes(key)), []);

test("calib, export and eval write their files and the contract's fields", () =>
  inTempFolder(async (folder) => {
    const output = join(folder, "out");
    const model = await writeTinyModel(folder);
    const pictures = await writePictures(folder, 6);
    const to = ["--model", model, "--output", output, "--device", "cpu"];

    const found = await halftone("calib", ...to, "--data", pictures, "--subset_len=10", "--method", "mse");
    includesAll(found, calibKeys);
    assert.deepEqual([found.images, found.method], [10, "mse"]);
    assert.deepEqual(
      found.outputs,
      ["quant_info.json", "report.json", "report.html"].map((name) => join(output, name)),
    );
    assert.deepEqual(filesIn(output), ["quant_info.json", "report.html", "report.json"]);
    assert.equal(readJson(output, "report.json").configuration.method, "mse");
    assert.match(readFileSync(join(output, "report.html"), "utf8"), /not a GPU/);
    assert.match(readJson(output, "quant_info.json").graph_md5, /^[0-9a-f]{32}$/);

    const exported = await halftone("export", "--model", model, "--output", output);
    assert.deepEqual(exported.outputs, [join(output, "tiny_int.onnx")]);

    const fromEncodings = await halftone("eval", ...to, "--data", pictures);
    includesAll(fromEncodings, evalKeys);
    assert.equal(fromEncodings.images, 12);
    const { skipped: _, ...written } = readJson(output, "eval.json");
    includesAll(written, evalKeys);

    const fromFile = await halftone(
      "eval",
      ...to,
      "--data",
      pictures,
      "--quantized",
      join(output, "tiny_int.onnx"),
    );
    for (const key of ["agreement", "output_sqnr_db", "quantized"]) {
      assert.deepEqual(fromFile[key], fromEncodings[key], key);
    }
  }));

test("calib writes the float model if it changes it, and export and eval start from that", () =>
  inTempFolder(async (folder) => {
    const output = join(folder, "out");
    const model = await writeTinyModel(folder);
    const pictures = await writePictures(folder, 4);
    const to = ["--model", model, "--output", output];
    const on = ["--data", pictures, "--device", "cpu"];
    const methods = ["--equalize", "iterated", "--bias-correction", "closed", "--no-per-channel"];
    const found = await halftone("quantize", ...to, ...on, ...methods);
    assert.ok(filesIn(output).includes("tiny_calibrated.onnx"));
    assert.equal(readJson(output, "quant_info.json").bias_corrected, true);
    const again = await halftone("eval", ...to, ...on);
    const { evaluation } = found as unknown as { evaluation: Record<string, unknown> };
    assert.equal(again.output_sqnr_db, evaluation.output_sqnr_db);
  }));

test("calib --method all compares every method after one calibration", () =>
  inTempFolder(async (folder) => {
    const output = join(folder, "out");
    const to = ["--model", await writeTinyModel(folder), "--output", output, "--device", "cpu"];
    const found = await halftone("calib", ...to, "--data", await writePictures(folder, 4), "--method", "all");
    const rows = found.methods as unknown as { method: string; agreement: number; quantized: unknown }[];
    const names = ["maxmin", "percentile", "mse", "entropy", "diffs", "auto"];
    assert.deepEqual(rows.map(({ method }) => method), names);
    for (const { agreement, quantized } of rows) assert.ok(agreement > 0.5 && quantized);
    assert.deepEqual(filesIn(output), ["methods.html", "methods.json"]);
    const drawn = await halftone(
      ...["calib", ...to, "--data", await writePictures(folder, 4), "--method", "all"],
      ...["--subset-len", "3", "--draws", "2"],
    );
    assert.deepEqual(
      (drawn.methods as unknown as { draw: number }[]).map(({ draw }) => draw),
      names.flatMap(() => [1, 2]),
    );
  }));

test("export writes each form", () =>
  inTempFolder(async (folder) => {
    const output = join(folder, "out");
    const to = ["--model", await writeTinyModel(folder), "--output", output];
    const on = ["--data", await writePictures(folder, 4), "--device", "cpu"];
    await halftone("calib", ...to, ...on, "--weight-bits", "4", "--preset", "openvino");
    for (
      const [flags, file] of [
        [["--form", "float16"], "tiny_float16.onnx"],
        [["--form", "bfloat16"], "tiny_bfloat16.onnx"],
        [["--weights", "qdq"], "tiny_int.onnx"],
        [["--int4"], "tiny_int.onnx"],
      ] as const
    ) assert.deepEqual((await halftone("export", ...to, ...flags)).outputs, [join(output, file)]);
    const ran = await runInProcess(["export", ...to, "--form", "float16", "--int4"]);
    assert.equal(ran.code, 1);
    assert.match(ran.stderr, /expected --form qdq/);
  }));

test("quantize does all three, and its report has the accuracy", () =>
  inTempFolder(async (folder) => {
    const output = join(folder, "out");
    const to = ["--model", await writeTinyModel(folder), "--output", output, "--device", "cpu"];
    const pictures = await writePictures(folder, 4);
    const found = await halftone(
      "quantize",
      ...to,
      "--data",
      pictures,
      "--subset-len",
      "5",
      "--eval-data",
      pictures,
    );
    includesAll(found, [...calibKeys, "evaluation", "float_bytes", "quantized_bytes"]);
    assert.deepEqual([found.images, (found.evaluation as { images: number }).images], [5, 8]);
    assert.deepEqual(filesIn(output), [
      "eval.json",
      "quant_info.json",
      "report.html",
      "report.json",
      "tiny_int.onnx",
    ]);
    includesAll(readJson(output, "report.json").evaluation, evalKeys);
    assert.match(readFileSync(join(output, "report.html"), "utf8"), /<h2>Accuracy/);
  }));

test("eval runs in integer arithmetic, with --fake-quant in float, and says which", () =>
  inTempFolder(async (folder) => {
    const output = join(folder, "out");
    const pictures = await writePictures(folder, 6);
    const given = ["--output", output, "--device", "cpu", "--data", pictures];
    const to = ["--model", await writeTinyModel(folder), ...given];
    const ran = async (...argv: string[]) => {
      const found: Record<string, unknown> = await halftone(...argv);
      const written = readJson(output, "eval.json");
      assert.equal((found.evaluation as typeof found ?? found).mode, written.mode);
      return written;
    };

    assert.equal((await ran("quantize", ...to, "--fake-quant")).mode, "fake-quant");
    const simulated = await ran("eval", ...to, "--fake-quant");
    const found = await ran("eval", ...to);
    assert.deepEqual([simulated.mode, found.mode], ["fake-quant", "int8"]);
    assert.equal(found.agreement, simulated.agreement);
    const apart = Math.abs(found.output_sqnr_db - simulated.output_sqnr_db);
    assert.ok(apart < 1, `${found.output_sqnr_db} and ${simulated.output_sqnr_db} dB`);

    for (const [flag, mode] of [[[], "int8"], [["--fake-quant"], "fake-quant"]] as const) {
      const { stdout } = await runInProcess(["eval", ...to, ...flag]);
      assert.match(stdout, new RegExp(`^On 12 images, ${mode}, `, "m"));
    }
  }));

test("an unreadable image among many is skipped, counted and named", () =>
  inTempFolder(async (folder) => {
    const pictures = await writePictures(folder, 4);
    writeFileSync(join(pictures, "dark", "1.png"), "this is no picture");
    const to = ["--model", await writeTinyModel(folder), "--output", join(folder, "out"), "--device", "cpu"];
    const ran = await runInProcess(["calib", ...to, "--data", pictures, "--json"]);
    const { images, skipped } = JSON.parse(ran.stdout);
    assert.equal(images, 7);
    assert.match(skipped[0].file, /dark.1\.png$/);
    assert.match(ran.stderr, /Skipped 1 of 8 images that cannot be read:\n.*1\.png/);
  }));

test("eval without labels has no top-k", () =>
  inTempFolder(async (folder) => {
    const to = ["--model", await writeTinyModel(folder), "--output", join(folder, "out"), "--device", "cpu"];
    const pictures = join(await writePictures(folder, 3), "dark");
    const { evaluation } = await halftone("quantize", ...to, "--data", pictures);
    assert.deepEqual(keys(evaluation).filter((key) => ["float", "quantized"].includes(key)), []);
  }));

test("eval and export refuse the quant_info.json of another model, exit 1", () =>
  inTempFolder(async (folder) => {
    const output = join(folder, "out");
    const model = await writeTinyModel(folder);
    const pictures = await writePictures(folder, 2);
    const to = ["--model", model, "--output", output, "--device", "cpu"];
    await halftone("calib", ...to, "--data", pictures);
    const { nodes, ...rest } = tinyGraph();
    await writeTinyModel(folder, {
      ...rest,
      nodes: nodes.map((node) => node.opType === "Relu" ? { ...node, opType: "Sigmoid" } : node),
    });
    for (const argv of [["export", ...to], ["eval", ...to, "--data", pictures]]) {
      const ran = await runInProcess(argv);
      assert.equal(ran.code, 1);
      assert.match(
        ran.stderr,
        /quant_info\.json: Cannot use these encodings: they belong to a graph with MD5 "/,
      );
    }
  }));

for (const method of ["maxmin", "percentile", "mse", "entropy", "diffs", "auto"]) {
  test(`quantize --method ${method} works on a data set of one image`, () =>
    inTempFolder(async (folder) => {
      const to = [
        "--model",
        await writeTinyModel(folder),
        "--output",
        join(folder, "out"),
        "--device",
        "cpu",
      ];
      const one = join(await writePictures(folder, 1), "dark", "0.png");
      const found = await halftone("quantize", ...to, "--data", one, "--method", method);
      assert.equal(found.images, 1);
      assert.ok((found.evaluation as { output_sqnr_db: number }).output_sqnr_db > 15);
    }));
}
