// `deno task golden`: rewrites all goldens; the reviewer reads the diff.
import { writeFileSync } from "node:fs";
import process from "node:process";
import { skipWithoutShared } from "../shared.ts";
import { blockGolden, blockText } from "../xir/block.ts";
import { inspectionTexts, tutorialPicture, tutorialPictureFile } from "./inspections.ts";
import { goldenFile, goldenTexts, models } from "./texts.ts";

writeFileSync(blockGolden, blockText());
for (const [file, textOf] of Object.entries(inspectionTexts)) {
  writeFileSync(new URL(file, import.meta.url), textOf());
}
writeFileSync(tutorialPictureFile, await tutorialPicture());
if (skipWithoutShared) {
  process.stderr.write(`Cannot rewrite the goldens: ${skipWithoutShared}\n`);
  process.exit(1);
}
for (const model of models) {
  for (const [kind, text] of await goldenTexts(model)) writeFileSync(goldenFile(model, kind), text);
}
