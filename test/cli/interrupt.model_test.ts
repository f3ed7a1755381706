// Ctrl-C while a real model is calibrated.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { inTempFolder, projectPath, startProcess } from "./run_program.ts";

const model = projectPath("../shared/models/resnet20-cifar10.onnx");
const images = projectPath("../shared/data/cifar10/test");
const absent = existsSync(model) && existsSync(images)
  ? false
  : "the models and images of ../shared are not here";

test(
  "Ctrl-C during calib: exit 130 and no file",
  { skip: absent },
  () =>
    inTempFolder(async (folder) => {
      const output = join(folder, "out");
      const { ran, kill, onStderr } = startProcess("cli/main.ts", [
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
    }),
);
