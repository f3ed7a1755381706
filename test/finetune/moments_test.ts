// Second moments: operators against im2col in doubles, and the laws of the monoid.
import fc from "fast-check";
import assert from "node:assert/strict";
import test from "node:test";
import { mergeMoments, type Moments, positionsOf } from "../../src/finetune/moments.ts";
import { intAttribute, intsAttribute } from "../../src/graph/attribute.ts";
import type { Attribute } from "../../src/graph/graph.ts";
import { floats, tensor } from "../../src/tensor/tensor.ts";
import { seededFloats } from "../kernels/row.ts";
import { assertClose, momentsBy } from "./measured.ts";
import { type Convolution, momentsOfPatches, patchesOf, randomMoments } from "./patches.ts";

const convolutions: Record<string, Convolution> = {
  "dense 3×3, five channels": { x: [2, 5, 6, 7], w: [6, 5, 3, 3], pads: [1, 1, 1, 1] },
  "dense, stride and dilation": {
    x: [1, 8, 9, 9],
    w: [3, 8, 2, 3],
    strides: [2, 1],
    dilations: [2, 2],
    pads: [0, 1, 2, 0],
  },
  "a point": { x: [3, 4, 5, 5], w: [9, 4, 1, 1] },
  "depthwise": { x: [2, 6, 5, 5], w: [6, 1, 3, 3], groups: 6, pads: [1, 1, 1, 1] },
  "groups of 4 in and 2 out": { x: [1, 8, 5, 4], w: [4, 4, 3, 3], groups: 2 },
};

for (const [name, convolution] of Object.entries(convolutions)) {
  test(`ConvMoments equals products by im2col: ${name}`, async () => {
    const { groups = 1, strides, pads, dilations } = convolution;
    const count = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);
    const x = tensor("float32", convolution.x, seededFloats(count(convolution.x), 1));
    const patches = patchesOf(floats(x), convolution);
    const [outputs, positions] = [convolution.w[0], patches[0].length];
    const perImage = positions / convolution.x[0];
    const flat = seededFloats(outputs * positions, 2);
    // y is [N, O, positions of an image, 1] in the file's order; the window's shape decides the split.
    const values = patches.map((_, group) =>
      Array.from({ length: positions }, (_, p) =>
        Array.from({ length: outputs / groups }, (_, o) => {
          const channel = group * (outputs / groups) + o;
          return flat[(Math.floor(p / perImage) * outputs + channel) * perImage + (p % perImage)];
        }))
    );
    const out = outOf(convolution);
    const y = tensor("float32", [convolution.x[0], outputs, ...out], flat);
    const w = tensor("float32", convolution.w, new Float32Array(count(convolution.w)));
    const attributes = new Map<string, Attribute>([["group", intAttribute(groups)]]);
    for (const [key, list] of Object.entries({ strides, pads, dilations })) {
      if (list) attributes.set(key, intsAttribute(list));
    }
    assertClose(await momentsBy("ConvMoments", x, w, y, attributes), momentsOfPatches(patches, values));
  });
}

test("ConvMoments of 1-D inputs are those of images of height one", async () => {
  const [x, w, y] = [[2, 5, 9], [6, 5, 3], [2, 6, 4]].map((shape, i) =>
    tensor("float32", shape, seededFloats(shape.reduce((a, b) => a * b), i + 1))
  );
  const row = (t: typeof x) => ({ ...t, shape: t.shape.toSpliced(2, 0, 1) });
  const group = { group: intAttribute(1) };
  const along = { strides: [2], pads: [1, 0] };
  const across = { strides: [1, 2], pads: [0, 1, 0, 0] };
  const [rows, pictures] = [along, across].map((lists) => {
    const entries = Object.entries(lists).map(([key, list]) => [key, intsAttribute(list)] as const);
    return new Map<string, Attribute>([...Object.entries(group), ...entries]);
  });
  const expected = await momentsBy("ConvMoments", row(x), row(w), row(y), pictures);
  assertClose(await momentsBy("ConvMoments", x, w, y, rows), Array.from(floats(expected)));
});

function outOf({ x, w, strides = [1, 1], pads = [0, 0, 0, 0], dilations = [1, 1] }: Convolution): number[] {
  return [0, 1].map((i) =>
    Math.floor((x[i + 2] + pads[i] + pads[i + 2] - (w[i + 2] - 1) * dilations[i] - 1) / strides[i]) + 1
  );
}

for (const [name, depth, transB] of [["aligned depth", 8, 1], ["odd depth", 5, 0]] as const) {
  test(`ProductMoments are products of rows: ${name}`, async () => {
    const [rows, outputs] = [7, 3];
    const x = tensor("float32", [rows, depth], seededFloats(rows * depth, 3));
    const y = tensor("float32", [rows, outputs], seededFloats(rows * outputs, 4));
    const w = tensor(
      "float32",
      transB ? [outputs, depth] : [depth, outputs],
      new Float32Array(depth * outputs),
    );
    const rowsOf = (values: Float32Array, width: number) =>
      Array.from({ length: rows }, (_, i) => Array.from(values.subarray(i * width, (i + 1) * width)));
    const expected = momentsOfPatches([rowsOf(floats(x), depth)], [rowsOf(floats(y), outputs)]);
    assertClose(
      await momentsBy("ProductMoments", x, w, y, new Map([["transB", intAttribute(transB)]])),
      expected,
    );
  });
}

test("mergeMoments: any order gives the same result up to rounding", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 6 }),
      fc.integer({ min: 1, max: 1e6 }),
      fc.integer(),
      (parts, seed, turn) => {
        const all = Array.from({ length: parts }, (_, i) => randomMoments(4, 2, 5, seed + 10 * i).moments);
        const at = ((turn % parts) + parts) % parts;
        const [a, b] = [all, [...all.slice(at), ...all.slice(0, at)].reverse()].map((list) =>
          list.reduce<Moments>(mergeMoments, { ...list[0], sums: new Float64Array(list[0].sums.length) })
        );
        a.sums.forEach((sum, i) => assert.ok(Math.abs(sum - b.sums[i]) <= 1e-12 * (1 + Math.abs(sum))));
        assert.equal(positionsOf(a), 5 * parts);
      },
    ),
  );
});
