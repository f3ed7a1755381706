import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";
import { discardUnfinished, writeAtomically } from "../../src/storage/mod.ts";

test("writeAtomically: writes text, bytes and pieces of all sizes in order", async () => {
  const folder = mkdtempSync(join(tmpdir(), "halftone-"));
  try {
    const path = join(folder, "file");
    await writeAtomically(path, "ä text");
    assert.equal(readFileSync(path, "utf8"), "ä text");
    await writeAtomically(path, Uint8Array.of(1, 2));
    assert.deepEqual([...readFileSync(path)], [1, 2]);
    const sizes = [0, 1, 3_000_000, 7, 700_000, 700_000, 0, 2];
    const pieces = sizes.map((size, i) => new Uint8Array(size).fill(i));
    await writeAtomically(path, pieces);
    assert.ok(readFileSync(path).equals(Buffer.concat(pieces)));
    assert.deepEqual(readdirSync(folder), ["file"]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("discardUnfinished: an interrupted write leaves the old file and nothing else", async () => {
  const folder = mkdtempSync(join(tmpdir(), "halftone-"));
  try {
    const path = join(folder, "file");
    writeFileSync(path, "before");
    const pieces = function* () {
      yield new Uint8Array(2_000_000);
      assert.equal(readdirSync(folder).length, 2);
      discardUnfinished();
      throw new Error("interrupted");
    };
    await assert.rejects(writeAtomically(path, pieces()), /interrupted/);
    assert.deepEqual(readdirSync(folder), ["file"]);
    assert.equal(readFileSync(path, "utf8"), "before");
  } finally {
    rmSync(folder, { recursive: true });
  }
});
