// The kernels on matrix units, run where there are none: all but the five functions of shaders/lib/matrix_codes.wgsl is
// the shaders' own text, and test/kernels/plain_matrices.wgsl stands for those.
import { readFileSync } from "node:fs";
import test from "node:test";
import { openAdapter } from "../../src/device/adapter.ts";
import { usesOf } from "../../src/device/contract.ts";
import { openDevice } from "../../src/device/open_device.ts";
import { pipelinesFor } from "../../src/device/pipelines.ts";
import { loadProgram } from "../../src/device/program.ts";
import { joined, shaderFolder } from "../../src/device/shaders.ts";
import type { Machine } from "../../src/plan/machine.ts";
import { checkRow } from "./check.ts";
import { rows as ofBytes } from "./qconv2d_matrix.rows.ts";
import { matrices as ofNibbles } from "./qconv2d_nibbles.rows.ts";

const runtimes = "Deno" in globalThis ? ["dawn", "deno"] as const : ["dawn"] as const;

function plainText(stem: string): string {
  const own = readFileSync(`${shaderFolder()}${stem}.wgsl`, "utf8");
  const parts = usesOf(own).map((name) => {
    const plain = name === "matrix_codes" && new URL("plain_matrices.wgsl", import.meta.url);
    return readFileSync(plain || `${shaderFolder()}lib/${name}.wgsl`, "utf8");
  });
  return joined([...parts, own]);
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

  for (const { kernel, rows: own } of [...ofBytes, ...ofNibbles]) {
    for (const row of own) {
      test(`${kernel.stem} without matrix units on ${runtime} as its reference: ${row.name}`, async (t) => {
        const { machine, description } = await opened;
        if (description.startsWith("SwiftShader")) return t.skip("SwiftShader compiles it for two minutes");
        await checkRow(machine, kernel, row);
      });
    }
  }
  test(`closing the device on ${runtime}`, async () => (await opened).device.destroy());
}
