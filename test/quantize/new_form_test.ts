// An export form is one row: this one is added to the list before the modules that read it are loaded.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import test from "node:test";
import { type ExportForm, type ExportFormRow, exportFormRows } from "../../src/quantize/forms/all.ts";

const renamed: ExportFormRow = {
  name: "renamed",
  of: "float",
  make: (graph) => ({ ...graph, name: "renamed" }),
  help: "the model under another name",
  losses: ({ name }) => [`the name "${name}" is lost`],
};
const textual: ExportFormRow = {
  name: "textual",
  of: "float",
  make: (graph) => graph,
  help: "the model's name",
  suffix: "name",
  file: { extension: ".txt", encode: ({ name }) => new TextEncoder().encode(name) },
};
(exportFormRows as unknown as ExportFormRow[]).push(renamed, textual);
const form = renamed.name as ExportForm;

const { exportAs, exportWarnings, load } = await import("../../src/mod.ts");
const { exportOptions } = await import("../../cli/options/export.ts");
const { inTempFolder, runInProcess } = await import("../cli/run_program.ts");
const { tinyGraph, writeTinyModel } = await import("../cli/tiny.ts");

test("a row in the list is a form of the library", () => {
  assert.equal(exportAs(form, tinyGraph()).name, "renamed");
  assert.deepEqual(exportWarnings(form, tinyGraph()), ['the name "tiny" is lost']);
});

test("export writes it, help lists it, and its losses are warnings", async () => {
  assert.match(exportOptions[0].description, /renamed: the model under another name/);
  await inTempFolder(async (folder) => {
    const model = await writeTinyModel(folder);
    const to = ["--model", model, "--output", folder, "--form", form, "--verify", "off", "--json"];
    const ran = await runInProcess(["export", ...to]);
    assert.equal(ran.code, 0, ran.stderr);
    const { warnings, outputs } = JSON.parse(ran.stdout);
    assert.deepEqual(warnings, ['the name "tiny" is lost']);
    assert.deepEqual(outputs, [join(folder, "tiny_renamed.onnx")]);
    assert.equal((await load(outputs[0])).name, "renamed");
  });
});

test("export writes a form that is not ONNX, and does not verify it in ONNX Runtime", async () => {
  await inTempFolder(async (folder) => {
    const model = await writeTinyModel(folder);
    const to = ["--model", model, "--output", folder, "--form", "textual", "--json"];
    const ran = await runInProcess(["export", ...to]);
    assert.equal(ran.code, 0, ran.stderr);
    const { verify, outputs } = JSON.parse(ran.stdout);
    assert.deepEqual(verify, { runtime: null, why: "ONNX Runtime does not read .txt files" });
    assert.deepEqual(outputs, [join(folder, "tiny_name.txt")]);
    assert.equal(await readFile(outputs[0], "utf8"), "tiny");
    const required = await runInProcess(["export", ...to, "--verify", "required"]);
    assert.equal(required.code, 1);
    assert.match(required.stdout, /ONNX Runtime does not read .txt files; leave out --verify required/);
  });
});
