// Codes in words: signed bytes four to a word, and weights of four bits eight to a word.
import type { Words } from "../kernel.ts";

/** The signed byte of a lane of a word. */
export function byteOf(word: number, lane: number): number {
  return (word << (24 - lane * 8)) >> 24;
}

/** Four signed bytes as one word. */
export function packBytes(bytes: ArrayLike<number>): number {
  return ((bytes[0] & 255) | ((bytes[1] & 255) << 8) | ((bytes[2] & 255) << 16) | (bytes[3] << 24)) >>> 0;
}

/** The signed bytes of words, lowest first. */
export function bytesOf(words: Words): Int8Array {
  const own = words instanceof Uint32Array ? words : Uint32Array.from(words);
  return new Int8Array(own.buffer, own.byteOffset, own.length * 4);
}

const lowBits = 0x0f0f0f0f;

/** The distance of two words of weights that share one word if weights take four bits. */
export const nibblesApart = { tiled: 4, depthwise: 1, grouped: 1 };

/**
 * Halves the words of signed codes in −8..7: of every 2 · `apart` words, the first half become the low halves of bytes,
 * the others the high halves.
 */
export function packNibbles(words: Uint32Array, apart: number): Uint32Array {
  const lines = Math.ceil(words.length / (2 * apart));
  return Uint32Array.from({ length: lines * apart }, (_, i) => {
    const low = Math.floor(i / apart) * 2 * apart + (i % apart);
    return (words[low] & lowBits) | ((words[low + apart] & lowBits) << 4);
  });
}

/** The inverse of `packNibbles`. */
export function unpackNibbles(words: Words, apart: number): Uint32Array {
  return Uint32Array.from({ length: words.length * 2 }, (_, i) => {
    const [line, place] = [Math.floor(i / (2 * apart)), i % (2 * apart)];
    const code = (words[line * apart + (place % apart)] >>> (place < apart ? 0 : 4)) & lowBits;
    // Bit 3 of each code is its sign.
    return code | ((code & 0x08080808) * 0x1e);
  });
}
