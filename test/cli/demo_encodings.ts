// The demo's model with a quant_info.json in a folder, calibrated on a few pictures once per process.
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { inTempFolder, projectPath, runInProcess } from "./run_program.ts";
import { writePictures } from "./tiny.ts";

export const demo = projectPath("demo/shapes.onnx");

let encodings: Promise<string> | undefined;

/** The arguments of `halftone bench` on that model. */
export async function benchArguments(folder: string, ...more: string[]): Promise<string[]> {
  encodings ??= calibrateDemo();
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "quant_info.json"), await encodings);
  return ["bench", "--model", demo, "--output", folder, "--iterations=2", "--warmUp=0", ...more];
}

function calibrateDemo(): Promise<string> {
  return inTempFolder(async (folder) => {
    const to = ["--model", demo, "--output", folder, "--device", "cpu", "--subset-len", "2"];
    const ran = await runInProcess(["calib", ...to, "--data", await writePictures(folder, 2, 32)]);
    assert.equal(ran.code, 0, ran.stderr);
    return readFileSync(join(folder, "quant_info.json"), "utf8");
  });
}
