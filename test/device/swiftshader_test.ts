import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";
import { brotliCompressSync } from "node:zlib";
import { unpackSwiftShader } from "../../src/device/swiftshader.ts";
import { HalftoneError } from "../../src/error.ts";
import { type Entry, tarBytes } from "./tar_bytes.ts";

const files: Entry[] = [
  { name: "libEGL.so", bytes: new Uint8Array(700) },
  { name: "libvk_swiftshader.so", bytes: new Uint8Array(3000).fill(7) },
  { name: "libvulkan.so.1", bytes: new Uint8Array(1000).fill(9) },
  { name: "vk_swiftshader_icd.json", bytes: new TextEncoder().encode('{"ICD":{}}') },
];

async function inTemporaryFolder(work: (folder: string, archive: string) => Promise<void>, entries = files) {
  const folder = await mkdtemp(join(tmpdir(), "halftone-test-"));
  try {
    const archive = join(folder, "archive.tar.br");
    await writeFile(archive, brotliCompressSync(tarBytes(entries)));
    await work(folder, archive);
  } finally {
    await rm(folder, { recursive: true });
  }
}

test("unpackSwiftShader writes the driver, its manifest and the loader, and nothing else", () =>
  inTemporaryFolder(async (folder, archive) => {
    const { icd, loader, version } = await unpackSwiftShader(archive, join(folder, "out"), "1.2.3");
    assert.equal(version, "1.2.3");
    assert.equal(await readFile(icd, "utf8"), '{"ICD":{}}');
    assert.equal((await stat(loader)).size, 1000);
    assert.deepEqual((await readdir(join(folder, "out"))).sort(), [
      "libvk_swiftshader.so",
      "libvulkan.so.1",
      "sizes.json",
      "vk_swiftshader_icd.json",
    ]);
  }));

test("unpackSwiftShader may run concurrently and leaves one complete folder", () =>
  inTemporaryFolder(async (folder, archive) => {
    const runs = Array.from({ length: 8 }, () => unpackSwiftShader(archive, join(folder, "out"), "1"));
    for (const { loader } of await Promise.all(runs)) assert.equal((await stat(loader)).size, 1000);
    assert.deepEqual((await readdir(folder)).sort(), ["archive.tar.br", "out"]);
  }));

test("unpackSwiftShader does not unpack a complete folder again", () =>
  inTemporaryFolder(async (folder, archive) => {
    await unpackSwiftShader(archive, join(folder, "out"), "1");
    await rm(archive);
    await unpackSwiftShader(archive, join(folder, "out"), "1");
  }));

test("unpackSwiftShader repairs a damaged folder, also concurrently", () =>
  inTemporaryFolder(async (folder, archive) => {
    const { loader } = await unpackSwiftShader(archive, join(folder, "out"), "1");
    await truncate(loader, 10);
    await Promise.all([1, 2, 3].map(() => unpackSwiftShader(archive, join(folder, "out"), "1")));
    assert.equal((await stat(loader)).size, 1000);
    assert.deepEqual((await readdir(folder)).sort(), ["archive.tar.br", "out"]);
  }));

for (const missing of ["libvk_swiftshader.so", "libvulkan.so.1", "vk_swiftshader_icd.json"]) {
  test(`unpackSwiftShader refuses an archive without ${missing} and leaves nothing`, () =>
    inTemporaryFolder(async (folder, archive) => {
      await assert.rejects(unpackSwiftShader(archive, join(folder, "out"), "1"), HalftoneError);
      assert.deepEqual(await readdir(folder), ["archive.tar.br"]);
    }, files.filter(({ name }) => name !== missing)));
}

test("unpackSwiftShader refuses a truncated archive and leaves nothing", () =>
  inTemporaryFolder(async (folder, archive) => {
    await truncate(archive, 20);
    await assert.rejects(unpackSwiftShader(archive, join(folder, "out"), "1"), /archive\.tar\.br/);
    assert.deepEqual(await readdir(folder), ["archive.tar.br"]);
  }));
