// Ctrl-C in the middle of real work.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { inFolder, projectPath, start } from "./run_program.ts";

const model = projectPath("../shared/models/resnet20-cifar10.onnx");
const images = projectPath("../shared/data/cifar10/test");
const absent = existsSync(model) && existsSync(images)
  ? false
  : "the models and images of ../shared are not here";

test("Ctrl-C while calib works: exit 130 and no file", { skip: absent }, () =>
  inFolder(async (folder) => {
    const output = join(folder, "out");
    const { ran, kill, onStderr } = start("cli/main.ts", [
      "calib",
      "--model",
      model,
      "--data",
      images,
      "--output",
      output,
    ]);
    let working = false;
    onStderr((all) => {
      if (working || !all.includes("Device: ")) return;
      working = true;
      setTimeout(() => kill("SIGINT"), 1000);
    });
    const { code, stdout, stderr } = await ran;
    assert.deepEqual([code, stdout, existsSync(output)], [130, "", false], stderr);
    assert.match(stderr, /Interrupted\n$/);
  }));
