// The examples of docs/descriptors.md that need no machine print what the document says.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { compareMethods } from "../../examples/descriptors/ptq.ts";
import { printedLines } from "./printed_lines.ts";

const document = readFileSync("docs/descriptors.md", "utf8");

for (const example of ["walk_through", "presets", "calibrators"]) {
  test(`examples/descriptors/${example}.ts prints what docs/descriptors.md shows`, async () => {
    const lines = await printedLines(`descriptors/${example}`);
    assert.ok(lines.length >= 4);
    assert.ok(document.includes(`\n${lines.join("\n")}\n`), lines.join("\n"));
  });
}

test("ptq.ts refuses unknown methods and missing paths", async () => {
  const ignore = () => {};
  await assert.rejects(compareMethods([], ignore), /give --model, --data and --eval-data/);
  const unknown = ["--model", "a.onnx", "--data", "b", "--eval-data", "c", "--ptq-method", "kl"];
  await assert.rejects(compareMethods(unknown, ignore), /by "kl": expected max, entropy, mse, percentile/);
});
