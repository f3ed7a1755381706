// Weights of four bits give the same codes as in eight bits.
import assert from "node:assert/strict";
import test from "node:test";
import type { Kernel, Words } from "../../src/kernels/kernel.ts";
import { qconv2dDepthwise } from "../../src/kernels/qconv2d_depthwise.ts";
import { qconv2dGrouped } from "../../src/kernels/qconv2d_grouped.ts";
import { qconv2dTiled } from "../../src/kernels/qconv2d_tiled.ts";
import { type Case, codedRow } from "./coded_convolution.ts";
import { depthwise } from "./qconv2d_depthwise.rows.ts";
import { grouped } from "./qconv2d_grouped.rows.ts";
import { tiled } from "./qconv2d_tiled.rows.ts";
import type { Row } from "./row.ts";

const kernels: readonly (readonly [Kernel, readonly Case[]])[] = [
  [qconv2dTiled, tiled],
  [qconv2dDepthwise, depthwise],
  [qconv2dGrouped, grouped],
];

function codesOf(kernel: Kernel, { buffers, numbers }: Row): Words {
  const own = { ...buffers, y: (buffers.y as Uint32Array).slice() } as Record<string, Words>;
  kernel.reference(own, numbers);
  return own.y;
}

for (const [kernel, cases] of kernels) {
  test(`${kernel.stem}: weights of 4 bits give the codes of the same weights in bytes, in half the words`, () => {
    for (const [name, shape, coding] of cases) {
      const wide = codedRow(kernel, name, shape, { ...coding, small: "int8" });
      const words = Math.ceil((wide.buffers.w as Uint32Array).length / 2);
      for (const small of ["int4", "uint4"] as const) {
        const row = codedRow(kernel, name, shape, { ...coding, small });
        assert.equal(row.numbers.nibbles, 1);
        assert.equal((row.buffers.w as Uint32Array).length, words);
        assert.deepEqual(codesOf(kernel, row), codesOf(kernel, wide), name);
      }
    }
  });
}
