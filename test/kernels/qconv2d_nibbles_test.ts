// Weights of four bits give what the same weights give in eight.
import assert from "node:assert/strict";
import test from "node:test";
import type { Kernel, Words } from "../../src/kernels/kernel.ts";
import { qconv2dDepthwise, qconv2dGrouped, qconv2dTiled } from "../../src/kernels/qconv2d.ts";
import {
  qconv2dDepthwiseNibbles,
  qconv2dGroupedNibbles,
  qconv2dTiledNibbles,
} from "../../src/kernels/qconv2d_nibbles.ts";
import type { Shape } from "./convolution.ts";
import { codedRow, type Coding, depthwise, grouped, tiled } from "./qconv2d.rows.ts";
import type { Row } from "./row.ts";

type Case = readonly [name: string, shape: Shape, coding?: Coding];
const ofChannels: readonly Case[] = depthwise.map(([name, shape, coding]) => {
  return [name, { ...shape, group: shape.x[1] }, coding];
});
const pairs: readonly (readonly [Kernel, Kernel, readonly Case[]])[] = [
  [qconv2dTiled, qconv2dTiledNibbles, tiled],
  [qconv2dDepthwise, qconv2dDepthwiseNibbles, ofChannels],
  [qconv2dGrouped, qconv2dGroupedNibbles, grouped],
];

function codesOf(kernel: Kernel, { buffers, numbers }: Row): Words {
  const own = { ...buffers, y: (buffers.y as Uint32Array).slice() } as Record<string, Words>;
  kernel.reference(own, numbers);
  return own.y;
}

for (const [bytes, halves, cases] of pairs) {
  test(`${halves.stem}: codes are those of ${bytes.stem}, weights take half the words`, () => {
    for (const [name, shape, coding] of cases) {
      const wide = codedRow(bytes, name, shape, { ...coding, small: "int8" });
      const words = Math.ceil((wide.buffers.w as Uint32Array).length / 2);
      for (const small of ["int4", "uint4"] as const) {
        const row = codedRow(halves, name, shape, { ...coding, small });
        assert.equal((row.buffers.w as Uint32Array).length, words);
        assert.deepEqual(codesOf(halves, row), codesOf(bytes, wide), name);
      }
    }
  });
}
