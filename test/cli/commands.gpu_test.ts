// The commands on a WebGPU adapter, each in its own process.
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { filesIn, halftone, inTempFolder } from "./run_program.ts";
import { writePictures, writeTinyModel } from "./tiny.ts";

test("doctor names the adapter, and says that a software adapter is not a GPU", async () => {
  const [text, json] = await Promise.all([halftone("doctor"), halftone("doctor", "--json")]);
  assert.deepEqual([text.code, json.code], [0, 0], text.stderr + json.stderr);
  const { adapters, device } = JSON.parse(json.stdout);
  assert.ok(text.stdout.includes(`In use               ${device}`), text.stdout);
  for (const adapter of adapters) {
    assert.ok(adapter.features.length > 0 && adapter.limits.maxBufferSize > 0);
    if (adapter.software_adapter) assert.match(adapter.description, /not a GPU/);
  }
});

test("quantize on an adapter exits with 0 and names the device", () =>
  inTempFolder(async (folder) => {
    const output = join(folder, "out");
    const to = ["--model", await writeTinyModel(folder), "--output", output];
    const { code, stdout, stderr } = await halftone(
      "quantize",
      ...to,
      "--data",
      await writePictures(folder, 4),
    );
    assert.equal(code, 0, stderr);
    const device = /^Device: (.*)$/m.exec(stderr)?.[1];
    assert.ok(device && stdout.includes(device), stderr);
    assert.match(stdout, /Top-1 .* %/);
    assert.match(stderr, /Next: /);
    assert.equal(filesIn(output).length, 5);
  }));
