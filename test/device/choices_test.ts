import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";
import { choicesOf } from "../../src/device/choices.ts";

const adapter = { description: "a GPU", driver: "driver 1.0", runtime: "dawn" };
const choice = (chosen: string, shaders = "texts") => ({ shaders, chosen });

async function inTemporaryFolder(work: (folder: string, file: string) => Promise<void>) {
  const folder = await mkdtemp(join(tmpdir(), "halftone-test-"));
  try {
    await work(folder, join(folder, "kernels.json"));
  } finally {
    await rm(folder, { recursive: true });
  }
}

test("choices: added choices are read again, and no other file is left", () =>
  inTemporaryFolder(async (folder, file) => {
    const choices = choicesOf(adapter, file);
    assert.deepEqual(await choices.read(), {});
    await choices.add({ first: { small: choice("first") } });
    await choices.add({ first: { large: choice("second") }, other: { any: choice("other") } });
    await choices.add({ first: { small: choice("third", "new texts") } });
    assert.deepEqual(await choicesOf(adapter, file).read(), {
      first: { small: choice("third", "new texts"), large: choice("second") },
      other: { any: choice("other") },
    });
    assert.deepEqual(await readdir(folder), ["kernels.json"]);
  }));

test("choices: adapters, drivers and runtimes do not share choices", () =>
  inTemporaryFolder(async (_, file) => {
    await choicesOf(adapter, file).add({ first: { small: choice("second") } });
    for (const other of [{ description: "another" }, { driver: "driver 1.1" }, { runtime: "deno" }]) {
      const choices = choicesOf({ ...adapter, ...other }, file);
      assert.deepEqual(await choices.read(), {});
      await choices.add({ first: { small: choice("third") } });
    }
    assert.deepEqual(await choicesOf(adapter, file).read(), { first: { small: choice("second") } });
  }));

for (const damaged of ["", "{", "[]", "null", '{"dawn, a GPU, driver 1.0": 7}']) {
  test(`choices: a file with the content ${damaged || '""'} is ignored and replaced`, () =>
    inTemporaryFolder(async (_, file) => {
      await writeFile(file, damaged);
      const choices = choicesOf(adapter, file);
      assert.deepEqual(await choices.read(), {});
      await choices.add({ first: { small: choice("second") } });
      assert.deepEqual(await choices.read(), { first: { small: choice("second") } });
    }));
}

test("choices: only the valid entries of a table are read", () =>
  inTemporaryFolder(async (_, file) => {
    const table = {
      first: { small: choice("second"), large: { chosen: 7 } },
      second: 1,
      third: { any: null },
    };
    await writeFile(file, JSON.stringify({ "dawn, a GPU, driver 1.0": table }));
    assert.deepEqual(await choicesOf(adapter, file).read(), { first: { small: choice("second") } });
  }));

test("choices: an unwritable file is not an error", () =>
  inTemporaryFolder(async (folder) => {
    await writeFile(join(folder, "plain"), "a file");
    const choices = choicesOf(adapter, join(folder, "plain", "kernels.json"));
    await choices.add({ first: { small: choice("second") } });
    assert.deepEqual(await choices.read(), {});
    assert.equal(await readFile(join(folder, "plain"), "utf8"), "a file");
  }));
