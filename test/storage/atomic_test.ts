import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import process from "node:process";
import test from "node:test";
import { discardUnfinished, writeAtomically } from "../../src/storage/mod.ts";
import { provisionalName } from "../../src/storage/provisional.ts";

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

test("writeAtomically sweeps the unfinished files of killed processes, and no others", async () => {
  const folder = mkdtempSync(join(tmpdir(), "halftone-"));
  try {
    const dead = Number(
      execFileSync(process.execPath, ["eval", "console.log(Deno.pid)"], { encoding: "utf8" }),
    );
    const path = join(folder, "file");
    const ours = provisionalName(path);
    const of = (pid: number, file = ours) => file.replace(`-${process.pid}-`, `-${pid}-`);
    const elsewhere = join(folder, `file.zzzzzz-${dead}-01234567.part`.replaceAll("z", "0"));
    const kept = [ours, of(process.ppid), elsewhere, `${path}.part`, `${path}.01234567.part`];
    for (const file of [...kept, of(dead), of(dead, provisionalName(join(folder, "other")))]) {
      writeFileSync(file, "half");
    }
    await writeAtomically(path, "whole");
    assert.deepEqual(readdirSync(folder).sort(), [path, ...kept].map((file) => basename(file)).sort());
  } finally {
    rmSync(folder, { recursive: true });
  }
});
