// Runs the kernels for matrix units without any: test/kernels/plain_matrices.wgsl replaces
// shaders/lib/matrix_codes.wgsl and the entry point; all else is the shader's own text.
import { readFileSync } from "node:fs";
import test from "node:test";
import { openAdapter } from "../../src/device/adapter.ts";
import { openDevice } from "../../src/device/open_device.ts";
import { pipelinesFor } from "../../src/device/pipelines.ts";
import { loadProgram } from "../../src/device/program.ts";
import { readShader, shaderText } from "../../src/device/shaders.ts";
import { type Kernel, nameOf } from "../../src/kernels/kernel.ts";
import type { Machine } from "../../src/plan/machine.ts";
import { checkRow } from "./check.ts";
import { matrices } from "./qconv2d_tiled.rows.ts";

const plainMatrices = readFileSync(new URL("plain_matrices.wgsl", import.meta.url), "utf8");
const runtimes = "Deno" in globalThis ? ["dawn", "deno"] as const : ["dawn"] as const;

/** The kernel's text with plain matrices and their entry point. */
function plainText(kernel: Kernel): string {
  return shaderText(kernel, (path) => {
    if (path === "lib/matrix_codes.wgsl") return plainMatrices;
    const text = readShader(path);
    return path === `${kernel.stem}.wgsl` ? text.slice(0, text.indexOf("@compute")) : text;
  });
}

for (const runtime of runtimes) {
  const opened = openAdapter("auto", { runtime }).then(async (adapter) => {
    const device = await openDevice(adapter);
    const pipelines = pipelinesFor(device, plainText);
    const machine: Pick<Machine, "run" | "release"> = {
      async run(plan, feeds) {
        const program = await loadProgram(device, pipelines, plan);
        const outputs = await program.run(feeds);
        program.free();
        return outputs;
      },
      release: () => {},
    };
    return { device, machine, description: adapter.description };
  });

  for (const { kernel, rows: own } of matrices) {
    for (const row of own) {
      test(`${nameOf(kernel)} without matrix units on ${runtime} equals its reference: ${row.name}`, async (t) => {
        const { machine, description } = await opened;
        if (description.startsWith("SwiftShader")) return t.skip("SwiftShader compiles it for two minutes");
        await checkRow(machine, kernel, row);
      });
    }
  }
  test(`closing the device on ${runtime}`, async () => (await opened).device.destroy());
}
