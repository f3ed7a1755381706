// Documents stay true: the files and tasks that they name exist, and their links lead somewhere.
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import test from "node:test";

const documents = [
  ...["ARCHITECTURE.md", "CONTRIBUTING.md", "README.md", "demo/README.md", "bench/results/README.md"],
  ...readdirSync("docs", { recursive: true, encoding: "utf8" }).map((file) => join("docs", file)),
].filter((path) => path.endsWith(".md"));
const { tasks } = JSON.parse(readFileSync("deno.json", "utf8"));

/** Paths in backticks, unless a placeholder (NAME, *) or an output of the demo is part of them. */
function missingPaths(text: string): string[] {
  const paths = [...text.matchAll(/`((?:src|shaders|cli|bench|test|demo|docs|examples)\/[\w./-]+)`/g)];
  return paths.map(([, path]) => path)
    .filter((path) => !/STEM|NAME|^demo\/out/.test(path) && !existsSync(path));
}

function brokenLinks(path: string, text: string): string[] {
  const links = [...text.matchAll(/\]\(([^)#\s]*)(?:#([^)\s]*))?\)/g)];
  return links.filter(([, target, anchor]) => {
    if (/^https?:/.test(target)) return false;
    const file = target === "" ? path : join(dirname(path), target);
    return !existsSync(file) || (anchor && !anchorsIn(readFileSync(file, "utf8")).includes(anchor));
  }).map(([link]) => link);
}

/** GitHub's anchors of headings. */
function anchorsIn(text: string): string[] {
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading]) =>
    heading.toLowerCase().replace(/[^\p{L}\p{N} _-]/gu, "").replaceAll(" ", "-")
  );
}

function missingTasks(text: string): string[] {
  return [...text.matchAll(/deno task ([a-z][\w:]*)/g)].map(([, task]) => task).filter((task) =>
    !(task in tasks)
  );
}

for (const path of documents) {
  test(`${path} names files and tasks that exist`, () => {
    const text = readFileSync(path, "utf8");
    assert.deepEqual([...missingPaths(text), ...brokenLinks(path, text), ...missingTasks(text)], []);
  });
}

test("a missing file, a broken link and an unknown task are found", () => {
  assert.deepEqual(missingPaths("`src/plan/attic.ts`, `src/plan/place.ts`, `src/ops/NAME.ts`"), [
    "src/plan/attic.ts",
  ]);
  const links = "[a](configuration.md) [b](nowhere.md) [c](quantizing.md#data) [d](quantizing.md#dates)";
  assert.deepEqual(brokenLinks("docs/x.md", links), ["](nowhere.md)", "](quantizing.md#dates)"]);
  assert.deepEqual(missingTasks("`npx deno task calib` and `deno task calibrate`"), ["calibrate"]);
});
