// The whole walk-through on a shared model: every method writes a model about as accurate as the float one.
import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";
import { compareMethods } from "../../examples/descriptors/ptq.ts";
import { sharedPath, skipWithoutShared } from "../shared.ts";

const images = [
  "--data",
  sharedPath("data", "cifar10", "calib"),
  "--eval-data",
  sharedPath("data", "cifar10", "test"),
];
const model = ["--model", sharedPath("models", "mlperf-tiny-resnet8.onnx")];

test("ptq.ts: four methods, four files, accuracies beside float", { skip: skipWithoutShared }, async () => {
  const output = mkdtempSync(join(tmpdir(), "halftone-"));
  const lines: string[] = [];
  const sizes = ["--num-data", "64", "--eval-len", "256", "--output", output];
  await compareMethods([...model, ...images, ...sizes], (line) => lines.push(line));
  const found = lines.flatMap((
    line,
  ) => [.../^(\w+): ([\d.]+) % float, ([\d.]+) % int8/.exec(line)?.slice(1) ?? []]);
  assert.deepEqual(found.filter((_, i) => i % 3 === 0), ["max", "entropy", "mse", "percentile"]);
  for (let i = 0; i < found.length; i += 3) {
    // 256 images: one image is 0.4 points.
    assert.ok(Math.abs(Number(found[i + 1]) - Number(found[i + 2])) < 3, found.slice(i, i + 3).join());
  }
  assert.equal(readdirSync(output).length, 4);
  rmSync(output, { recursive: true });
});
