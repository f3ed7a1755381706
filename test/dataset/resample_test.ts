import assert from "node:assert/strict";
import { test } from "node:test";
import type { Pixels } from "../../src/dataset/pixels.ts";
import { type Filter, resample } from "../../src/dataset/resample.ts";

// The results of Pillow 13.0.0 for the 6x5 picture (37x + 91y + 13xy) mod 256.
type Row = { filter: Filter; width: number; height: number; levels: number[] };
// deno-fmt-ignore
const rows: Row[] = [
  { filter: 0, width: 4, height: 3, levels: [0, 74, 111, 185, 182, 52, 115, 241, 108, 30, 119, 41] },
  { filter: 0, width: 8, height: 6, levels: [
    0, 37, 37, 74, 111, 148, 148, 185, 91, 141, 141, 191, 241, 35, 35, 85,
    182, 245, 245, 52, 115, 178, 178, 241, 182, 245, 245, 52, 115, 178, 178, 241,
    17, 93, 93, 169, 245, 65, 65, 141, 108, 197, 197, 30, 119, 208, 208, 41,
  ] },
  { filter: 1, width: 4, height: 3, levels: [52, 119, 140, 122, 154, 159, 146, 156, 98, 115, 158, 110] },
  { filter: 1, width: 8, height: 6, levels: [
    0, 16, 48, 69, 98, 134, 175, 194, 54, 75, 128, 192, 234, 106, 45, 100,
    173, 231, 192, 98, 154, 139, 142, 182, 108, 167, 154, 94, 156, 139, 172, 243,
    17, 67, 121, 162, 232, 142, 75, 105, 105, 191, 146, 13, 87, 217, 154, 22,
  ] },
  { filter: 2, width: 4, height: 3, levels: [55, 115, 140, 126, 149, 142, 148, 160, 100, 120, 155, 108] },
  { filter: 2, width: 8, height: 6, levels: [
    0, 23, 51, 79, 106, 134, 162, 185, 68, 97, 133, 168, 203, 118, 81, 110,
    144, 180, 168, 117, 160, 136, 140, 176, 113, 156, 152, 110, 161, 145, 157, 199,
    40, 90, 125, 145, 204, 144, 107, 116, 108, 164, 134, 41, 108, 175, 145, 41,
  ] },
  { filter: 3, width: 4, height: 3, levels: [52, 115, 142, 124, 153, 148, 148, 160, 100, 117, 160, 107] },
  { filter: 3, width: 8, height: 6, levels: [
    0, 17, 47, 75, 101, 135, 169, 191, 62, 89, 134, 183, 226, 108, 55, 99,
    159, 206, 182, 105, 158, 135, 142, 184, 115, 168, 157, 97, 159, 143, 165, 222,
    22, 73, 122, 156, 226, 138, 88, 113, 106, 179, 143, 23, 101, 196, 155, 28,
  ] },
  { filter: 4, width: 4, height: 3, levels: [68, 133, 134, 135, 214, 52, 147, 241, 104, 100, 160, 91] },
  { filter: 4, width: 8, height: 6, levels: [
    0, 37, 37, 74, 111, 148, 148, 185, 91, 141, 141, 191, 241, 35, 35, 85,
    182, 245, 245, 52, 115, 178, 178, 241, 182, 245, 245, 52, 115, 178, 178, 241,
    17, 93, 93, 169, 245, 65, 65, 141, 108, 197, 197, 30, 119, 208, 208, 41,
  ] },
  { filter: 5, width: 4, height: 3, levels: [46, 108, 144, 136, 162, 123, 148, 187, 97, 105, 161, 99] },
  { filter: 5, width: 8, height: 6, levels: [
    0, 28, 46, 75, 110, 139, 157, 185, 84, 121, 145, 183, 230, 87, 55, 93,
    153, 198, 185, 97, 153, 138, 147, 192, 130, 181, 172, 90, 155, 145, 159, 210,
    24, 83, 115, 159, 234, 113, 90, 133, 108, 176, 158, 31, 118, 187, 169, 41,
  ] },
];

function picture(): Pixels {
  const [width, height] = [6, 5];
  const level = (i: number) =>
    (37 * (i % width) + 91 * Math.floor(i / width) + 13 * (i % width) * Math.floor(i / width)) % 256;
  return {
    width,
    height,
    channels: 1,
    data: Uint8Array.from({ length: width * height }, (_, i) => level(i)),
  };
}

for (const { filter, width, height, levels } of rows) {
  test(`resample with filter ${filter} to ${width}x${height} is Pillow's, bit for bit`, () => {
    assert.deepEqual([...resample(picture(), width, height, filter).data], levels);
  });
}

test("resample treats the channels of a picture alike", () => {
  const grey = picture();
  const data = Uint8Array.from({ length: grey.data.length * 3 }, (_, i) => grey.data[Math.floor(i / 3)]);
  for (const filter of [0, 1, 2, 3, 4, 5] as const) {
    const rgb = resample({ ...grey, channels: 3, data }, 9, 2, filter);
    const expected = resample(grey, 9, 2, filter);
    for (let i = 0; i < rgb.data.length; i++) assert.equal(rgb.data[i], expected.data[Math.floor(i / 3)]);
  }
});

test("resample to the same size changes nothing", () => {
  for (const filter of [0, 1, 2, 3, 4, 5] as const) {
    assert.deepEqual(resample(picture(), 6, 5, filter).data, picture().data);
  }
});
