// The order of a table does not matter: a kernel built over a table in another order gives the same results.
import assert from "node:assert/strict";
import test from "node:test";
import { needsOf } from "../../src/device/contract.ts";
import { type Kernel, nameOf, type Numbers } from "../../src/kernels/kernel.ts";
import { gpu } from "../device/gpu.ts";
import { ownText } from "../shaders.ts";
import { allRows } from "./all_rows.ts";
import { checkRow } from "./check.ts";

/** `kind` for a shader that needs `kind_*`. */
function tablesOf({ stem }: Kernel): string[] {
  return needsOf(ownText(stem)).filter((need) => need.endsWith("_*")).map((need) => need.slice(0, -2));
}

/** The constants of the table in reverse order. */
function reverse(constants: Numbers, table: string): Numbers {
  const names = Object.keys(constants).filter((name) => name.startsWith(`${table}_`));
  return Object.fromEntries(names.map((name) => [name, names.length - 1 - constants[name]]));
}

/** The numbers with the same meaning in reversed tables: `kind`, `f_kind`, …. Its own inverse. */
function renumber(numbers: Numbers, { constants = {} }: Kernel, tables: readonly string[]): Numbers {
  return Object.fromEntries(
    Object.entries(numbers).map(([name, value]) => {
      const table = tables.find((one) => name === one || name.endsWith(`_${one}`));
      const count = Object.keys(constants).filter((constant) => constant.startsWith(`${table}_`)).length;
      return [name, table ? count - 1 - value : value];
    }),
  );
}

const tabled = [...(await allRows()).values()].flat().filter(({ kernel }) => tablesOf(kernel).length > 0);

test("22 shaders have tables", () => {
  assert.equal(new Set(tabled.map(({ kernel }) => kernel.stem)).size, 22);
});

for (const { kernel, rows } of tabled) {
  test(`${nameOf(kernel)}: a table in reverse changes no result`, async () => {
    const tables = tablesOf(kernel);
    const constants = Object.assign({}, ...tables.map((table) => reverse(kernel.constants!, table)));
    const reversed: Kernel = {
      ...kernel,
      constants,
      reference: (buffers, n, element) => kernel.reference(buffers, renumber(n, kernel, tables), element),
    };
    for (const row of rows) {
      await checkRow(await gpu(), reversed, { ...row, numbers: renumber(row.numbers, kernel, tables) });
    }
  });
}

test("closing the machine", async () => (await gpu()).close());
