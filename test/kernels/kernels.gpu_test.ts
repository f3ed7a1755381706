// Every row on both WebGPUs: Dawn compiles with Tint, Deno's own with Naga.
import test from "node:test";
import { runsOn } from "../../src/device/variants.ts";
import { nameOf } from "../../src/kernels/kernel.ts";
import { gpu, matrixUnits } from "../device/gpu.ts";
import { allRows } from "./all_rows.ts";
import { checkRow } from "./check.ts";

const rows = [...(await allRows()).values()].flat();
const runtimes = "Deno" in globalThis ? ["dawn", "deno"] as const : ["dawn"] as const;

for (const runtime of runtimes) {
  for (const { kernel, rows: own } of rows) {
    for (const row of own) {
      test(`${nameOf(kernel)} on ${runtime} equals its reference: ${row.name}`, async (t) => {
        if (!runsOn(kernel, await matrixUnits(runtime))) {
          return t.skip("this adapter lists no matrix units of its shape");
        }
        await checkRow(await gpu(runtime), kernel, row);
      });
    }
  }
  test(`closing the machine on ${runtime}`, async () => (await gpu(runtime)).close());
}
