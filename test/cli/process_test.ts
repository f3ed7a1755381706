import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { filesIn, halftone, inTempFolder, projectPath, startProcess } from "./run_program.ts";

test("halftone exits with 0, 1 and 2", async () => {
  const codes = await Promise.all([
    halftone("--version"),
    halftone("export", "--model", "nowhere.onnx", "--json"),
    halftone("expert"),
  ]);
  assert.deepEqual(codes.map(({ code }) => code), [0, 1, 2]);
  assert.match(codes[0].stdout, /^halftone \d+\.\d+\.\d+\n$/);
  assert.equal(JSON.parse(codes[1].stdout).error.kind, "ModelError");
  assert.match(codes[2].stderr, /Did you mean export/);
});

for (const [signal, code] of [["SIGINT", 130], ["SIGTERM", 143]] as const) {
  test(`${signal} while a file is written: exit ${code}, the old file is kept, no other is left`, async () => {
    await inTempFolder(async (folder) => {
      const path = join(folder, "model.onnx");
      writeFileSync(path, "old");
      const { ran, kill, onStderr } = startProcess("test/cli/slow_write.ts", [path]);
      onStderr((all) => all === "writing\n" && kill(signal));
      const { code: exited, stderr } = await ran;
      assert.equal(exited, code, stderr);
      assert.deepEqual(filesIn(folder), ["model.onnx"]);
    });
  });
}

test("Ctrl-C ends a program that computes without a pause", async () => {
  const { ran, kill, onStderr } = startProcess("test/cli/slow_write.ts", ["busy"]);
  onStderr((all) => all === "busy\n" && kill("SIGINT"));
  const { code, stderr } = await ran;
  assert.deepEqual([code, stderr], [130, "busy\n\nInterrupted\n"]);
});

const node = (() => {
  try {
    return execFileSync("node", ["--version"], { encoding: "utf8" }).trim();
  } catch {
    return undefined;
  }
})();

test("bin/halftone.js passes arguments, output and exit code", {
  skip: node ? false : "node is not installed",
}, () => {
  const runBin = (...argv: string[]) =>
    execFileSync("node", [projectPath("bin/halftone.js"), ...argv], { encoding: "utf8", stdio: "pipe" });
  assert.match(runBin("--version"), /^halftone /);
  assert.throws(
    () => runBin("calib", "--metod=x y", "--model", "m", "--data", "d"),
    (error: { status: number; stderr: string }) => {
      assert.deepEqual([error.status, error.stderr], [
        2,
        "Unknown option '--metod' (Did you mean --method?)\n",
      ]);
      return true;
    },
  );
});
