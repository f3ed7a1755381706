// TorchScript files from the command line.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import test from "node:test";
import { readArchive } from "../torchscript/pickle_reader.ts";
import { inTempFolder, runInProcess } from "./run_program.ts";
import { writePictures, writeTinyModel } from "./tiny.ts";

test("export --form torchscript writes STEM_int.pt, and --torchscript-ops chooses whose operators round", () =>
  inTempFolder(async (folder) => {
    const to = ["--model", await writeTinyModel(folder), "--output", folder];
    const pictures = await writePictures(folder, 4);
    const calibrated = await runInProcess([
      ...["calib", ...to, "--data", pictures, "--device", "cpu", "--preset", "dpu", "--quiet"],
    ]);
    assert.equal(calibrated.code, 0, calibrated.stderr);
    const codeOf = async (...flags: string[]) => {
      const ran = await runInProcess(["export", ...to, "--form", "torchscript", ...flags, "--json"]);
      assert.equal(ran.code, 0, ran.stderr);
      const { outputs } = JSON.parse(ran.stdout);
      assert.deepEqual(outputs, [join(folder, "tiny_int.pt")]);
      return readArchive(await readFile(outputs[0])).code;
    };
    assert.match(await codeOf(), /torch\.floor/);
    assert.match(await codeOf("--torchscript-ops", "vai"), /ops\.vai\.fix_neuron\(picture, -128, 127, /);
    const ran = await runInProcess(["export", ...to, "--torchscript-ops", "vai"]);
    assert.equal(ran.code, 1);
    assert.match(ran.stderr, /Cannot export qdq with --torchscript-ops: expected --form torchscript with it/);
  }));
