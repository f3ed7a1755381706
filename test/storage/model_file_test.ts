import assert from "node:assert/strict";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";
import { withNodes, withValues } from "../../src/graph/edit.ts";
import { ModelError } from "../../src/error.ts";
import { decodeModel } from "../../src/onnx/mod.ts";
import { readModel, writeModel } from "../../src/storage/mod.ts";
import { tensor } from "../../src/tensor/tensor.ts";
import { craft, type Field, model, toyGraph } from "../onnx/craft.ts";

/** Runs `work` in an empty folder that is removed afterwards. */
async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "halftone-"));
  try {
    await work(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const assertRejects = (path: string, message: RegExp) =>
  assert.rejects(readModel(path), (error) => {
    assert.ok(error instanceof ModelError, String(error));
    assert.match(error.message, message);
    assert.equal(error.where[0], path);
    return true;
  });

/** The toy model with its weights at bytes 4..12 of another file. */
function outsideModel(location: string, length = "8"): Uint8Array {
  const entry = (key: string, value: string): Field => [13, craft([1, key], [2, value])];
  const entries = [entry("location", location), entry("offset", "4"), entry("length", length)];
  const outside = craft([1, 2], [2, 1], [8, "w"], [14, 1], ...entries);
  return model([...toyGraph.filter(([id]) => id !== 5), [5, outside]]);
}

const sideFile = new Uint8Array(Float32Array.of(99, -1, 2).buffer);
const weights = sideFile.slice(4);

test("readModel: a missing file, a folder, an empty and a truncated file are named", () =>
  inFolder(async (folder) => {
    await assertRejects(join(folder, "none.onnx"), /no such file, expected an ONNX file: check the path/);
    await assertRejects(folder, /it is a folder/);
    writeFileSync(join(folder, "empty.onnx"), "");
    await assertRejects(join(folder, "empty.onnx"), /is empty/);
    await assertRejects(join(folder, "empty.onnx", "deeper.onnx"), /part of its path is a file/);
    writeFileSync(join(folder, "half.onnx"), model(toyGraph).slice(0, 100));
    await assertRejects(join(folder, "half.onnx"), /truncated or damaged/);
  }));

test("readModel: external data is read by range from the model's folder and below", () =>
  inFolder(async (folder) => {
    mkdirSync(join(folder, "weights"));
    for (const location of ["w.bin", "weights/w.bin", "./w.bin"]) {
      writeFileSync(join(folder, location), sideFile);
      writeFileSync(join(folder, "m.onnx"), outsideModel(location));
      const graph = await readModel(join(folder, "m.onnx"));
      assert.deepEqual(graph.values.get("w")!.constant!.bytes, weights);
    }
  }));

test("readModel: external data that is missing or short is named", () =>
  inFolder(async (folder) => {
    const path = join(folder, "m.onnx");
    writeFileSync(path, outsideModel("w.bin"));
    await assertRejects(path, /external data "w.bin": no such file in the model's folder/);
    writeFileSync(join(folder, "w.bin"), sideFile.slice(0, 11));
    await assertRejects(path, /external data "w.bin": it has 11 bytes, expected at least 12/);
    writeFileSync(path, outsideModel("w.bin", "9"));
    await assertRejects(path, /"w": "w.bin" gives it 9 bytes, expected 8/);
    mkdirSync(join(folder, "sub"));
    writeFileSync(path, outsideModel("sub"));
    await assertRejects(path, /external data "sub": it is not a regular file/);
  }));

test("readModel: external data outside the model's folder is refused, links included", () =>
  inFolder(async (folder) => {
    const inner = join(folder, "inner");
    mkdirSync(inner);
    writeFileSync(join(folder, "w.bin"), sideFile);
    const path = join(inner, "m.onnx");
    const outside = [
      "../w.bin",
      join(folder, "w.bin"),
      "a/../../w.bin",
      "..\\w.bin",
      "C:\\w.bin",
      "/etc/passwd",
      "..",
    ];
    for (const location of outside) {
      writeFileSync(path, outsideModel(location));
      await assertRejects(path, /its path leaves the model's folder/);
    }
    symlinkSync(join(folder, "w.bin"), join(inner, "link.bin"));
    symlinkSync(folder, join(inner, "up"));
    for (const location of ["link.bin", "up/w.bin"]) {
      writeFileSync(path, outsideModel(location));
      await assertRejects(path, /it links out of the model's folder/);
    }
    writeFileSync(path, outsideModel("w.bin\0"));
    await assertRejects(path, /its path leaves/);
  }));

test("readModel: a link that stays inside is followed, and so is a link to the folder", () =>
  inFolder(async (folder) => {
    writeFileSync(join(folder, "w.bin"), sideFile);
    symlinkSync(join(folder, "w.bin"), join(folder, "link.bin"));
    writeFileSync(join(folder, "m.onnx"), outsideModel("link.bin"));
    symlinkSync(folder, join(folder, "alias"));
    const graph = await readModel(join(folder, "alias", "m.onnx"));
    assert.deepEqual(graph.values.get("w")!.constant!.bytes, weights);
  }));

test("writeModel: writes the model whole, makes its folder and leaves nothing beside it", () =>
  inFolder(async (folder) => {
    const path = join(folder, "new", "deep", "m.onnx");
    const written = await writeModel(decodeModel(model(toyGraph)), path);
    assert.deepEqual(written, { path, bytes: model(toyGraph).byteLength, externalBytes: 0 });
    assert.deepEqual(new Uint8Array(readFileSync(path)), model(toyGraph));
    assert.deepEqual(readdirSync(join(folder, "new", "deep")), ["m.onnx"]);
  }));

test("writeModel: a failure keeps what was there and leaves nothing behind", () =>
  inFolder(async (folder) => {
    const path = join(folder, "m.onnx");
    writeFileSync(path, "before");
    const graph = decodeModel(model(toyGraph));
    const broken = withNodes(graph, [...graph.nodes].reverse());
    for (const options of [{}, { externalAbove: 0, smallestExternal: 1 }]) {
      await assert.rejects(writeModel(broken, path, options), ModelError);
      assert.equal(readFileSync(path, "utf8"), "before");
      assert.deepEqual(readdirSync(folder), ["m.onnx"]);
    }
    await assert.rejects(writeModel(graph, folder), /Cannot write .*: it is a folder/);
    await assert.rejects(writeModel(graph, join(path, "m.onnx")), /a part of its path is a file/);
    assert.deepEqual(readdirSync(folder), ["m.onnx"]);
  }));

test("writeModel: many bytes of weights go to a side file and come back", () =>
  inFolder(async (folder) => {
    const path = join(folder, "m.onnx");
    const big = tensor("float32", [3000], Array.from({ length: 3000 }, (_, i) => i));
    const graph = withValues(decodeModel(model(toyGraph)), [
      ["v1", { dtype: "float32", shape: [3000], constant: big }],
      ["v2", { dtype: "float32", shape: [3000], constant: { ...big } }],
    ]);
    const written = await writeModel(graph, path, { externalAbove: 20_000 });
    assert.equal(written.externalBytes, 12288 + 12000);
    assert.equal(statSync(path).size, written.bytes);
    assert.ok(written.bytes < 2000);
    assert.deepEqual(readdirSync(folder).sort(), ["m.onnx", "m.onnx.data"]);
    const again = await readModel(path);
    for (const name of ["w", "v1", "v2"]) {
      assert.deepEqual(
        again.values.get(name)!.constant!.bytes,
        new Uint8Array(graph.values.get(name)!.constant!.bytes),
      );
    }

    // The copy is written elsewhere and contains its weights: the side file does not follow it.
    mkdirSync(join(folder, "copy"));
    await writeModel(again, join(folder, "copy", "m.onnx"));
    assert.deepEqual(
      (await readModel(join(folder, "copy", "m.onnx"))).values.get("v1")!.constant!.bytes,
      big.bytes,
    );
  }));

test("writeModel: a model can be written over the file it was read from", () =>
  inFolder(async (folder) => {
    const path = join(folder, "m.onnx");
    writeFileSync(join(folder, "m.onnx.data"), sideFile);
    writeFileSync(path, outsideModel("m.onnx.data"));
    const graph = await readModel(path);
    await writeModel(graph, path, { externalAbove: 0, smallestExternal: 1 });
    assert.deepEqual((await readModel(path)).values.get("w")!.constant!.bytes, weights);
  }));
