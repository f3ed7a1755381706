// `export --form xmodel` and `quant --deploy` write .xmodel files; what has none is refused, and nothing is written.
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { decodeXmodel } from "../../src/xir/decode.ts";
import { inTempFolder, runInProcess } from "./run_program.ts";
import { tinyGraph, writePictures, writeTinyModel } from "./tiny.ts";

/** Calibrates the tiny model with this preset. */
async function calibrateIn(folder: string, preset: string, graph = tinyGraph()) {
  const model = await writeTinyModel(folder, graph);
  const data = await writePictures(folder, 2);
  const to = ["--model", model, "--output", folder, "--device", "cpu"];
  const ran = await runInProcess(["calib", ...to, "--data", data, "--preset", preset]);
  assert.equal(ran.code, 0, ran.stderr);
  return to;
}

test("export writes what XIR has for each node, at batch 1", () =>
  inTempFolder(async (folder) => {
    const to = await calibrateIn(folder, "dpu");
    const ran = await runInProcess(["export", ...to, "--form", "xmodel", "--json"]);
    assert.equal(ran.code, 0, ran.stderr);
    const { outputs, verify } = JSON.parse(ran.stdout);
    assert.deepEqual(outputs, [join(folder, "tiny_int.xmodel")]);
    assert.match(verify.why, /does not read .xmodel files/);
    const { ops, outputs: returned } = decodeXmodel(readFileSync(outputs[0]));
    const types = ops.map(({ type }) => type).filter((type) => type !== "const" && type !== "fix");
    assert.deepEqual(types, ["data", "conv2d", "relu", "avgpool2d", "mul", "reshape", "matmul"]);
    assert.deepEqual(ops[0].shape, [1, 8, 8, 3]);
    assert.deepEqual(returned, ["classes_fix"]);
  }));

test("--deploy writes it beside the ONNX file", () =>
  inTempFolder(async (folder) => {
    const to = await calibrateIn(folder, "dpu");
    const ran = await runInProcess(["quant", "--quant_mode", "test", "--deploy", ...to]);
    assert.equal(ran.code, 0, ran.stderr);
    assert.ok(existsSync(join(folder, "tiny_int.onnx")));
    assert.equal(decodeXmodel(readFileSync(join(folder, "tiny_int.xmodel"))).name, "tiny");
  }));

test("eval --form xmodel judges the device's arithmetic, and is not compared with ONNX Runtime", () =>
  inTempFolder(async (folder) => {
    const to = await calibrateIn(folder, "dpu");
    const data = await writePictures(folder, 2);
    const evaluate = async (...form: string[]) => {
      const ran = await runInProcess(["eval", ...to, "--data", data, ...form, "--json"]);
      assert.equal(ran.code, 0, ran.stderr);
      return JSON.parse(ran.stdout);
    };
    const [onnx, xmodel] = [await evaluate(), await evaluate("--form", "xmodel")];
    assert.deepEqual([onnx.form, xmodel.form], [undefined, "xmodel"]);
    assert.equal(xmodel.mode_reason, "no node reads codes");
    assert.notEqual(onnx.mode_reason, xmodel.mode_reason);
    assert.match(xmodel.verify.why, /does not read .xmodel files/);
  }));

test("scales that are no powers of two are refused with the option that makes them", () =>
  inTempFolder(async (folder) => {
    const to = await calibrateIn(folder, "ort-cpu");
    const ran = await runInProcess(["export", ...to, "--form", "xmodel"]);
    assert.equal(ran.code, 1);
    assert.match(ran.stderr, /Cannot write an XModel: .* power-of-two scale .*--preset dpu/);
    assert.equal(readdirSync(folder).some((name) => name.endsWith(".xmodel")), false);
  }));

test("a node that XIR does not have is refused by name, and nothing is written", () =>
  inTempFolder(async (folder) => {
    const { nodes, ...rest } = tinyGraph();
    const erf = { ...nodes[1], opType: "Erf", name: "wave", inputs: ["classes"], outputs: ["waves"] };
    const to = await calibrateIn(folder, "dpu", { ...rest, nodes: [...nodes, erf], outputs: ["waves"] });
    const ran = await runInProcess(["export", ...to, "--form", "xmodel"]);
    assert.equal(ran.code, 1);
    assert.match(
      ran.stderr,
      /Cannot write an XModel: Erf "wave": XIR has no operator for Erf; replace these nodes/,
    );
    assert.equal(existsSync(join(folder, "tiny_int.xmodel")), false);
  }));
