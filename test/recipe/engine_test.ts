// Saved engines: the same results, and refusals with the reason.
import assert from "node:assert/strict";
import { join } from "node:path";
import test from "node:test";
import { inTempFolder } from "../../bench/temp_folder.ts";
import { referenceMachine } from "../../src/plan/interpret.ts";
import type { Machine } from "../../src/plan/machine.ts";
import { loadEngine, run, saveEngine } from "../../src/mod.ts";
import { requireSame } from "../../src/recipe/load_engine.ts";
import { readEngine, version, writeEngine } from "../../src/storage/mod.ts";
import { tensor } from "../../src/tensor/tensor.ts";
import { tinyGraph } from "../cli/tiny.ts";
import { graphOf, random } from "../plan/toy_plan.ts";

const shapes = { picture: [2, 3, 8, 8] };
const feeds = {
  picture: tensor("float32", [2, 3, 8, 8], Array.from({ length: 384 }, (_, i) => Math.sin(i))),
};

test("a loaded engine computes what the model computes, and says which inputs it takes", () =>
  inTempFolder(async (folder) => {
    const [path, machine] = [join(folder, "tiny.engine"), referenceMachine()];
    const { bytes } = await saveEngine(tinyGraph(), path, machine, shapes);
    assert.ok(bytes > 128);
    const engine = await loadEngine(path, machine);
    assert.deepEqual(engine.inputs.map(({ name, shape, dtype }) => ({ name, shape, dtype })), [
      { name: "picture", shape: [2, 3, 8, 8], dtype: "float32" },
    ]);
    assert.deepEqual(await engine.run(feeds), await run(tinyGraph(), feeds, machine));
    await assert.rejects(engine.run({}), /input "picture" is not fed, expected \[2,3,8,8\]/);
    engine.release();
  }));

test("engines of another device, driver or version are refused: found, expected, what to do", () =>
  inTempFolder(async (folder) => {
    const path = join(folder, "tiny.engine");
    const made: Machine = { ...referenceMachine(), identity: () => ({ device: "GPU 1", driver: "550" }) };
    await saveEngine(tinyGraph(), path, made, shapes);
    const here: Machine = { ...made, identity: () => ({ device: "GPU 1", driver: "560" }) };
    await assert.rejects(loadEngine(path, here), (error: Error) => {
      assert.equal(error.name, "DeviceError");
      assert.equal(
        error.message,
        'Cannot load the engine: it was made elsewhere: its driver is "550", here "560"; ' +
          "make it again on this device: pass --save-engine",
      );
      return true;
    });
    await writeEngine(path, { ...await readEngine(path), version: "0.0.0" });
    await assert.rejects(loadEngine(path, made), {
      name: "ModelError",
      message: new RegExp(`halftone 0\\.0\\.0 made it, this is halftone ${version()}; make it again`),
    });
  }));

test("requireSame names every difference", () => {
  requireSame({ device: "a" }, { device: "a" });
  assert.throws(
    () => requireSame({ device: "a", shaders: "1" }, { device: "b", features: "f" }),
    /its device is "a", here "b"; its shaders is "1", here "unknown"; its features is "unknown", here "f"/,
  );
});

test("an engine needs shapes, and a readable file", () =>
  inTempFolder(async (folder) => {
    const machine = referenceMachine();
    await assert.rejects(saveEngine(tinyGraph(), join(folder, "x.engine"), machine), {
      name: "ConfigError",
      message: 'Cannot plan input "picture": the model has it as [N, 3, 8, 8]; give its shape',
    });
    await assert.rejects(loadEngine(join(folder, "none.engine"), machine), {
      name: "ModelError",
      message: /Cannot read the engine: no such file, expected a file that --save-engine wrote/,
    });
  }));

test("an engine of a model whose shapes depend on an input's contents is refused", () =>
  inTempFolder(async (folder) => {
    const toy = {
      nodes: ["Reshape x to > y"],
      feeds: { x: random([2, 3]), to: tensor("int64", [2], [3, 2]) },
      outputs: ["y"],
    };
    await assert.rejects(saveEngine(graphOf(toy), join(folder, "x.engine"), referenceMachine()), {
      name: "UnsupportedError",
      message: /the contents of input "to" decide shapes, expected a model whose shapes are known/,
    });
  }));
