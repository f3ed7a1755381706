// --verify in every command that writes a quantized model: reports and exit codes.
import assert from "node:assert/strict";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { encodeModel } from "../../src/onnx/mod.ts";
import { readModel } from "../../src/storage/mod.ts";
import { inTempFolder, readJson, runInProcess } from "./run_program.ts";
import { writePictures, writeTinyModel } from "./tiny.ts";

const inTinyFolder = (work: (to: string[], pictures: string, output: string) => Promise<void>) =>
  inTempFolder(async (folder) => {
    const output = join(folder, "out");
    const model = await writeTinyModel(folder);
    const pictures = await writePictures(folder, 4);
    await work(["--model", model, "--output", output, "--device", "cpu"], pictures, output);
  });

async function runJson(argv: string[]) {
  const ran = await runInProcess([...argv, "--json"]);
  return { code: ran.code, json: JSON.parse(ran.stdout) };
}

test("quantize, eval and export verify in ONNX Runtime and report the result", () =>
  inTinyFolder(async (to, pictures, output) => {
    const found = await runJson(["quantize", ...to, "--data", pictures]);
    assert.equal(found.code, 0);
    assert.deepEqual([found.json.verify.runtime, found.json.verify.agrees], ["onnxruntime-node", true]);
    const report = readJson(output, "report.json");
    assert.deepEqual(report.verify, found.json.verify);
    const evaluated = readJson(output, "eval.json");
    assert.deepEqual(evaluated.verify, found.json.verify);
    assert.equal((await runJson(["eval", ...to, "--data", pictures])).json.verify.agrees, true);
    for (const form of ["qdq", "qoperator", "float16", "bfloat16"]) {
      const { code, json } = await runJson(["export", ...to, "--form", form, "--verify", "required"]);
      assert.deepEqual([code, json.verify.agrees, json.verify.samples], [0, true, 1], form);
    }
  }));

test("train and quant --deploy verify the written model in ONNX Runtime", () =>
  inTinyFolder(async (to, pictures, output) => {
    const trained = await runJson(["train", ...to, "--data", pictures, "--steps", "2"]);
    assert.deepEqual([trained.code, trained.json.verify.agrees], [0, true]);
    assert.equal(readJson(output, "report.json").verify.agrees, true);
    const deployed = await runJson([
      "quant",
      ...to,
      "--quant_mode",
      "test",
      "--deploy",
      "--verify",
      "required",
    ]);
    assert.deepEqual([deployed.code, deployed.json.verify.agrees], [0, true]);
  }));

test("--verify off verifies nothing", () =>
  inTinyFolder(async (to, pictures) => {
    const { code, json } = await runJson(["quantize", ...to, "--data", pictures, "--verify", "off"]);
    assert.deepEqual([code, json.verify], [0, undefined]);
  }));

test("a file that ONNX Runtime does not load is named and kept, exit 1", () =>
  inTinyFolder(async (to, pictures, output) => {
    await runJson(["quantize", ...to, "--data", pictures]);
    const graph = await readModel(join(output, "tiny_int.onnx"));
    const later = join(output, "later.onnx");
    // An opset after this ONNX Runtime's newest.
    writeFileSync(later, encodeModel({ ...graph, opset: 27 }));
    const { code, json } = await runJson(["eval", ...to, "--data", pictures, "--quantized", later]);
    assert.equal(code, 1);
    assert.match(json.verify.refused, /opset 27/i);
    assert.match(json.warnings[0], /does not run .*later\.onnx/);
    assert.ok(existsSync(later) && existsSync(join(output, "eval.json")));
  }));
