// The second compiler, Naga in Deno's own WebGPU, accepts every shader, too.
import assert from "node:assert/strict";
import test from "node:test";
import { openAdapter } from "../src/device/adapter.ts";
import { openDevice } from "../src/device/open_device.ts";
import { compile } from "./compile.ts";
import { allKernels, bakedTuples, elementTypes } from "./shaders.ts";

const skip = "Deno" in globalThis ? false : "this is not Deno";

test("Naga compiles every shader with every tuple that rows bake, without a message", { skip }, async () => {
  const device = await openDevice(await openAdapter("auto", { runtime: "deno" }));
  for (const one of await allKernels()) {
    // Naga's matrices are of floats: those of integers are a closed draft (gfx-rs/wgpu#9490).
    if (one.kernel.matrixShape) continue;
    for (const contract of elementTypes(one)) {
      assert.deepEqual(await compile(device, one.kernel.stem, contract, bakedTuples(one)), []);
    }
  }
  device.destroy();
});
