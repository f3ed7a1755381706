import test from "node:test";
import { gpu } from "../device/gpu.ts";
import { allRows } from "./all_rows.ts";
import { checkRow } from "./check.ts";

const machine = await gpu();

for (const { kernel, rows } of [...(await allRows()).values()].flat()) {
  for (const row of rows) {
    test(`${kernel.stem} on WebGPU as its reference: ${row.name}`, () => checkRow(machine, kernel, row));
  }
}

test("closing the WebGPU machine", () => machine.close());
