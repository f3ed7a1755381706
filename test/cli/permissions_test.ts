// Tasks list the permissions that their commands need; only tasks that start other tools have all permissions.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import process from "node:process";
import { test } from "node:test";
import { promisify } from "node:util";
import { filesIn, inTempFolder, projectPath, readJson } from "./run_program.ts";
import { writePictures, writeTinyModel } from "./tiny.ts";

const tasks: Record<string, string> = readJson(projectPath("deno.json")).tasks;
/** Tasks that start other tools. */
const open = /^(bench|conformance|golden|schema|check|ok|test.*|fuzz.*|campaign.*)$/;

test("only tasks that start other tools have all permissions", () => {
  const all = Object.entries(tasks).filter(([, command]) => /\s(-A|--allow-all)\b/.test(command));
  assert.deepEqual(all.map(([name]) => name).filter((name) => !open.test(name)), []);
  assert.ok(Object.values(tasks).every((command) => !command.includes("--allow-net")));
});

test("calib, eval and export run with the permissions of their tasks", {
  skip: "Deno" in globalThis ? false : "permissions are Deno's",
}, () =>
  inTempFolder(async (folder) => {
    const [model, pictures] = [await writeTinyModel(folder), await writePictures(folder, 2)];
    const places = ["--model", model, "--output", folder];
    const data = ["--data", pictures, "--device", "cpu"];
    for (const [name, more] of [["calib", data], ["export", []], ["eval", data]] as const) {
      const [, ...words] = tasks[name].split(" ");
      await promisify(execFile)(process.execPath, [...words, ...places, ...more], { cwd: projectPath("") });
    }
    const files = filesIn(folder);
    assert.ok(["quant_info.json", "tiny_int.onnx", "eval.json"].every((file) => files.includes(file)));
  }));
