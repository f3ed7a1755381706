// Inspections of the networks in the documents of Vitis AI. If a change is intended, run `deno task golden`.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { inspectionTexts, inspectTutorial, tutorialPicture, tutorialPictureFile } from "./inspections.ts";

for (const [file, textOf] of Object.entries(inspectionTexts)) {
  test(`${file} is what inspections say`, () => {
    assert.equal(textOf(), readFileSync(new URL(file, import.meta.url), "utf8"));
  });
}

test("docs/inspect.svg is the picture of the tutorial's model", async () => {
  assert.equal(await tutorialPicture(), readFileSync(tutorialPictureFile, "utf8"));
});

test("the tutorial's model: the resize and the permute are on the CPU, and nothing of the modified one is", () => {
  const onCpu = inspectTutorial(false).nodes.filter(({ constraint }) => constraint);
  assert.deepEqual(onCpu.map(({ type, device }) => [type, device]), [
    ["data", "CPU"],
    ["resize", "CPU"],
    ["transpose", "CPU"],
  ]);
  assert.deepEqual(inspectTutorial(true).nodes.filter(({ constraint }) => constraint), []);
});
