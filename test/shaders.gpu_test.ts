// The second compiler, Naga in Deno's own WebGPU, accepts every shader, too.
import assert from "node:assert/strict";
import test from "node:test";
import { openAdapter } from "../src/device/adapter.ts";
import { openDevice } from "../src/device/open_device.ts";
import { compile } from "./compile.ts";
import { allKernels, allShaders, bakedTuples, elementTypes, rowsByStem } from "./shaders.ts";

const skip = "Deno" in globalThis ? false : "this is not Deno";

test("Naga compiles every shader with every tuple that rows bake, without a message", { skip }, async () => {
  const device = await openDevice(await openAdapter("auto", { runtime: "deno" }));
  const [kernels, rows] = [await allKernels(), await rowsByStem()];
  for (const shader of allShaders()) {
    const { stem } = shader;
    // Naga's matrices are of floats: those of integers are a closed draft (gfx-rs/wgpu#9490).
    if (kernels.get(stem)!.kernel.needs) continue;
    const tuples = bakedTuples(kernels.get(stem)!.kernel, shader.contract, rows.get(stem)!);
    for (const contract of elementTypes(shader)) {
      assert.deepEqual(await compile(device, stem, contract, tuples), []);
    }
  }
  device.destroy();
});
