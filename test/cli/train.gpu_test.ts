// Ctrl-C during training, then --resume: the same files as without the interruption.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { drawPictures } from "../../demo/draw.ts";
import { filesIn, halftone, inTempFolder, projectPath, readJson, startProcess } from "./run_program.ts";

const checkpoint = "shapes_training.safetensors";

test("train --resume after Ctrl-C writes what an uninterrupted run writes, and refuses another run", () =>
  inTempFolder(async (folder) => {
    const data = join(folder, "pictures");
    await drawPictures(data, 8, 2);
    const words = (output: string, ...more: string[]) => [
      ...["train", "--model", projectPath("demo/shapes.onnx"), "--data", data, "--output", output],
      ...["--weight-bits", "2", "--steps", "40", "--checkpoint-steps", "4", "--batch-size", "16", ...more],
    ];
    const [whole, output] = [join(folder, "whole"), join(folder, "out")];
    const through = await halftone(...words(whole, "--json"));
    assert.equal(through.code, 0, through.stderr);
    const written = [
      "quant_info.json",
      "report.html",
      "report.json",
      "shapes_int.onnx",
      "shapes_trained.onnx",
    ];
    assert.deepEqual(filesIn(whole), written);
    const { training, evaluation, evaluation_before: before } = JSON.parse(through.stdout);
    assert.ok(training.accepted && training.curve.length === 10);
    assert.ok(evaluation.quantized.top1 > before.quantized.top1);

    const { ran, kill } = startProcess("cli/main.ts", words(output));
    for (let waited = 0; !existsSync(join(output, checkpoint)) && waited < 60_000; waited += 5) {
      await pause(5);
    }
    kill("SIGINT");
    const cut = await ran;
    assert.deepEqual([cut.code, cut.stdout], [130, ""], cut.stderr);
    assert.match(
      cut.stderr,
      /Interrupted\n\d+ steps kept: run the same command with --resume to continue\n$/,
    );
    assert.ok(filesIn(output).includes(checkpoint));

    const other = await halftone(...words(output, "--resume", "--learning-rate", "2"));
    assert.equal(other.code, 1);
    assert.match(other.stderr, /Cannot resume from ".*": the options of training differ/);

    const resumed = await halftone(...words(output, "--resume"));
    assert.equal(resumed.code, 0, resumed.stderr);
    assert.match(resumed.stderr, /Resuming after step \d+ in /);
    assert.deepEqual(filesIn(output), written);
    for (const name of ["quant_info.json", "shapes_int.onnx", "shapes_trained.onnx"]) {
      assert.deepEqual(readFileSync(join(output, name)), readFileSync(join(whole, name)), name);
    }
    assert.equal(readJson(output, "quant_info.json").trained, true);

    // As if it had been killed after its results were in place.
    const again = await halftone(...words(output, "--resume"));
    assert.equal(again.code, 0, again.stderr);
    assert.match(again.stderr, /Training was already complete: its results are in place/);
    assert.deepEqual(filesIn(output), written);
  }));
