// Convolutions of codes whose weights take four bits: eight to a word, unpacked where they are multiplied.
import type { Kernel, Sample, Variants, Words } from "./kernel.ts";
import { qconv2dDepthwise, qconv2dGrouped, qconv2dTiled } from "./qconv2d.ts";
import { qconv2dMatrix16x16x16, qconv2dMatrix16x16x32, qconv2dMatrix8x16x32 } from "./qconv2d_matrix.ts";
import { qconv2dTile } from "./qconv2d_tile.ts";
import { qconv2dWidened } from "./qconv2d_widened.ts";

const lowBits = 0x0f0f0f0f;

/**
 * Words of four signed codes in −8..7, two in the place of one: of each 2 · `apart` the first half are the low halves of
 * bytes.
 */
export function packNibbles(words: Uint32Array, apart: number): Uint32Array {
  const lines = Math.ceil(words.length / (2 * apart));
  return Uint32Array.from({ length: lines * apart }, (_, i) => {
    const low = Math.floor(i / apart) * 2 * apart + (i % apart);
    return (words[low] & lowBits) | ((words[low + apart] & lowBits) << 4);
  });
}

function unpackNibbles(words: Words, apart: number): Uint32Array {
  return Uint32Array.from({ length: words.length * 2 }, (_, i) => {
    const [line, place] = [Math.floor(i / (2 * apart)), i % (2 * apart)];
    const code = (words[line * apart + (place % apart)] >>> (place < apart ? 0 : 4)) & lowBits;
    // Bit 3 of each code is its sign.
    return code | ((code & 0x08080808) * 0x1e);
  });
}

/** How many words of weights lie between the two that share one. */
export const nibblesApart = { tiled: 4, depthwise: 1, grouped: 1 };

function ofNibbles(whole: Kernel, apart: number, variants?: Variants): Kernel {
  return {
    ...whole,
    stem: `${whole.stem}_nibbles`,
    variants,
    reference({ w, ...others }, numbers) {
      whole.reference({ ...others, w: unpackNibbles(w, apart) }, numbers);
    },
  };
}

/** With half the words of weights. */
export function nibblesSample({ numbers, buffers }: Sample): Sample {
  const { words, type } = buffers.w as { words: number; type: "u32" };
  return { numbers, buffers: { ...buffers, w: { words: words / 2, type } } };
}

const twins = [
  qconv2dTile,
  qconv2dWidened,
  qconv2dMatrix16x16x32,
  qconv2dMatrix16x16x16,
  qconv2dMatrix8x16x32,
]
  .map((one) => ofNibbles(one, nibblesApart.tiled));
export const [
  qconv2dTileNibbles,
  qconv2dWidenedNibbles,
  qconv2dMatrix16x16x32Nibbles,
  qconv2dMatrix16x16x16Nibbles,
  qconv2dMatrix8x16x32Nibbles,
] = twins;

const { others, sample, ...measures } = qconv2dTiled.variants!;

export const qconv2dTiledNibbles = ofNibbles(qconv2dTiled, nibblesApart.tiled, {
  ...measures,
  others: (n, speed) => {
    const stems = others(n, speed).map((one) => `${one.stem}_nibbles`);
    return twins.filter(({ stem }) => stems.includes(stem));
  },
  sample: (n, work) => nibblesSample(sample(n, work)),
});
export const qconv2dDepthwiseNibbles = ofNibbles(qconv2dDepthwise, nibblesApart.depthwise);
export const qconv2dGroupedNibbles = ofNibbles(qconv2dGrouped, nibblesApart.grouped);
