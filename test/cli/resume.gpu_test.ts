// Ctrl-C during finetuning, then --resume: the same files as without the interruption.
import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { drawPictures } from "../../demo/draw.ts";
import {
  filesIn,
  halftone,
  inTempFolder,
  projectPath,
  readJson,
  runInProcess,
  startProcess,
} from "./run_program.ts";

const stem = "shapes_finetuning";

test("--resume after Ctrl-C writes what an uninterrupted run writes, and refuses another run", () =>
  inTempFolder(async (folder) => {
    const data = join(folder, "pictures");
    await drawPictures(data, 10, 2);
    const words = (output: string, ...more: string[]) => [
      ...["calib", "--model", projectPath("demo/shapes.onnx"), "--data", data, "--output", output],
      ...["--fast-finetune", "--weight-bits", "3", ...more],
    ];
    const [whole, output] = [join(folder, "whole"), join(folder, "out")];
    const through = await halftone(...words(whole));
    assert.equal(through.code, 0, through.stderr);
    const written = ["quant_info.json", "report.html", "report.json", "shapes_finetuned.onnx"];
    assert.deepEqual(filesIn(whole), written);

    const { ran, kill } = startProcess("cli/main.ts", words(output));
    const first = join(output, stem, "layer-0.json");
    for (let waited = 0; !existsSync(first) && waited < 60_000; waited += 5) await pause(5);
    kill("SIGINT");
    const cut = await ran;
    assert.deepEqual([cut.code, cut.stdout], [130, ""], cut.stderr);
    assert.match(
      cut.stderr,
      /Interrupted\n\d+ finetuned layers? kept: run the same command with --resume to continue\n$/,
    );
    const kept = filesIn(output);
    assert.ok(kept.every((name) => name === stem || /layer-\d\.json$/.test(name)), kept.join());

    const other = await halftone(...words(output, "--resume", "--batch-size", "4"));
    assert.equal(other.code, 1);
    assert.match(other.stderr, /Cannot resume from ".*": the samples to finetune on or their batches differ/);
    assert.deepEqual(filesIn(output), kept);

    const resumed = await halftone(...words(output, "--resume"));
    assert.equal(resumed.code, 0, resumed.stderr);
    assert.match(resumed.stderr, /Resuming after \d+ layers? in /);
    assert.deepEqual(filesIn(output), written);
    for (const name of ["quant_info.json", "shapes_finetuned.onnx"]) {
      assert.deepEqual(readFileSync(join(output, name)), readFileSync(join(whole, name)), name);
    }
    const readReport = (path: string) => readJson(path, "report.json");
    assert.deepEqual(readReport(output).finetune, readReport(whole).finetune);
    assert.equal(readJson(output, "quant_info.json").fast_finetuned, true);

    const again = await halftone(...words(output, "--resume"));
    assert.equal(again.code, 0, again.stderr);
    assert.match(again.stderr, /No layer to resume from/);
  }));

test("--resume names a damaged file, and requires --fast-finetune", () =>
  inTempFolder(async (folder) => {
    const data = join(folder, "pictures");
    await drawPictures(data, 1, 2);
    const model = projectPath("demo/shapes.onnx");
    const words = [
      "calib",
      "--model",
      model,
      "--data",
      data,
      "--output",
      folder,
      "--device",
      "cpu",
      "--resume",
    ];
    const alone = await runInProcess(words);
    assert.equal(alone.code, 1);
    assert.match(alone.stderr, /Cannot resume: --fast-finetune is absent/);
    mkdirSync(join(folder, stem));
    writeFileSync(join(folder, stem, "layer-0.json"), '{"sha256":"', "utf8");
    const damaged = await runInProcess([...words, "--fast-finetune"]);
    assert.equal(damaged.code, 1);
    assert.match(damaged.stderr, /layer-0\.json: Cannot resume finetuning: the file is damaged/);
  }));
