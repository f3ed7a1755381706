// Conversions between codes four to a word, as signed bytes, and words of one element: codes or real numbers.
import { roundHalfEven } from "../tensor/round.ts";
import { byteOf, packBytes } from "./lib/bytes.ts";
import { kernel, type Numbers } from "./kernel.ts";

const grid = (n: Numbers) => [Math.ceil(n.tiles / 64)];

/** A tile is four rows of an image by one word. */
const wordsIn = (n: Numbers) => n.tiles / Math.ceil(n.image / 4) * n.image;

function addressOf(row: number, channel: number, n: Numbers): number {
  return Math.floor(row / n.image) * n.stride_image + (row % n.image) * n.stride_row +
    channel * n.stride_channel;
}

/** The unpacked elements of a word, lane by lane; lanes past the last repeat it. */
function eachLane(word: number, n: Numbers, visit: (address: number, lane: number, real: boolean) => void) {
  const row = Math.floor(word / n.blocks);
  for (let lane = 0; lane < 4; lane++) {
    const channel = (word % n.blocks) * 4 + lane;
    visit(addressOf(row, Math.min(channel, n.lanes - 1), n), lane, channel < n.lanes);
  }
}

export const packCodes = kernel("pack_codes", {
  writes: ["y"],
  grid,
  reference({ x, y }, n) {
    const bytes = [0, 0, 0, 0];
    for (let word = 0; word < wordsIn(n); word++) {
      eachLane(word, n, (address, lane) => bytes[lane] = x[address] - n.offset);
      y[word] = packBytes(bytes);
    }
  },
});

export const unpackCodes = kernel("unpack_codes", {
  writes: ["y"],
  grid,
  reference({ x, y }, n) {
    for (let word = 0; word < wordsIn(n); word++) {
      eachLane(word, n, (address, lane, real) => {
        if (real) y[address] = byteOf(x[word], lane) + n.offset;
      });
    }
  },
});

/** QuantizeLinear to packed codes. */
export const quantizePacked = kernel("quantize_packed", {
  writes: ["y"],
  grid,
  reference({ x, y }, n) {
    const bytes = [0, 0, 0, 0];
    const scale = Math.fround(n.scale);
    for (let word = 0; word < wordsIn(n); word++) {
      eachLane(word, n, (address, lane) => {
        const code = roundHalfEven(Math.fround(x[address] / scale)) + n.zero;
        bytes[lane] = Math.min(Math.max(code, -128), 127);
      });
      y[word] = packBytes(bytes);
    }
  },
});

/** DequantizeLinear of packed codes. */
export const dequantizePacked = kernel("dequantize_packed", {
  writes: ["y"],
  grid,
  reference({ x, y }, n) {
    const scale = Math.fround(n.scale);
    for (let word = 0; word < wordsIn(n); word++) {
      eachLane(word, n, (address, lane, real) => {
        if (real) y[address] = Math.fround((byteOf(x[word], lane) - n.zero) * scale);
      });
    }
  },
});
