// The demo's model with a quant_info.json in a folder: calibrated on a few pictures once a process.
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { inFolder, inProcess, projectPath } from "./run_program.ts";
import { writePictures } from "./tiny.ts";

export const demo = projectPath("demo/shapes.onnx");

let encodings: Promise<string> | undefined;

/** The words of a `halftone bench` on it. */
export async function benchOfDemo(folder: string, ...more: string[]): Promise<string[]> {
  encodings ??= calibrated();
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "quant_info.json"), await encodings);
  return ["bench", "--model", demo, "--output", folder, "--iterations=2", "--warmUp=0", ...more];
}

function calibrated(): Promise<string> {
  return inFolder(async (folder) => {
    const to = ["--model", demo, "--output", folder, "--device", "cpu", "--subset-len", "2"];
    const ran = await inProcess(["calib", ...to, "--data", await writePictures(folder, 2, 32)]);
    assert.equal(ran.code, 0, ran.stderr);
    return readFileSync(join(folder, "quant_info.json"), "utf8");
  });
}
