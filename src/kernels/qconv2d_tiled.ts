// Convolution of codes over all input channels: words of eight output channels side by side.
import { nibblesApart } from "./lib/bytes.ts";
import { fillCodes, windowSums } from "./lib/coded_sums.ts";
import {
  convolutionBucket,
  convolutionOver,
  type ConvolutionSizes,
  convolutionWork,
  typicalSizes,
} from "./lib/convolution_sample.ts";
import { dotSpeed, tileSpeed } from "./lib/sample.ts";
import { type Kernel, kernel, type MatrixShape, type Numbers, type Sample } from "./kernel.ts";

const declared: Omit<Kernel, "stem"> = {
  writes: ["y"],
  operations: (n) => 2 * n.pixels * n.out_blocks * 4 * n.kernel_y * n.kernel_x * n.blocks * 4,
  grid: (n) => [Math.ceil(n.pixels / 256), Math.ceil(n.out_blocks / 2)],
  reference(buffers, n) {
    const perGroup = n.kernel_y * n.kernel_x * n.blocks * 32;
    const sumOf = windowSums(buffers, n, {
      from: () => 0,
      channels: n.blocks * 4,
      weights: (channel) => (channel >> 3) * perGroup + (channel & 7) * 4,
      tapStride: n.blocks * 32,
      step: (c) => (c >> 2) * 32 + (c & 3),
      apart: nibblesApart.tiled,
    });
    fillCodes(buffers, n, n.pixels, n.out_blocks, sumOf);
  },
};

/** By products of floats, for devices that emulate dot products of words. */
export const qconv2dWidened = kernel("qconv2d_widened", declared);

/** Tiles in workgroup memory: 64 pixels × 64 channels. */
export const qconv2dTile = kernel("qconv2d_tile", { ...declared, grid: gridOfTiles });

/** The same tiles on matrix units. */
export const [qconv2dMatrix16x16x32, qconv2dMatrix16x16x16, qconv2dMatrix8x16x32] = [
  { m: 16, n: 16, k: 32 }, // NVIDIA
  { m: 16, n: 16, k: 16 }, // AMD
  { m: 8, n: 16, k: 32 }, // Intel
].map(matrixKernel);

function matrixKernel(matrixShape: MatrixShape): Kernel {
  const { m, n, k } = matrixShape;
  const constants = { matrix_rows: m, matrix_columns: n, matrix_depth: k };
  return kernel("qconv2d_matrix", { ...declared, matrixShape, constants, grid: gridOfTiles });
}

function gridOfTiles(n: Numbers) {
  return [Math.ceil(n.pixels / 64), Math.ceil(n.out_blocks / 16)];
}

/** `nibbles` is 1 if weights take four bits. */
export function qconv2dSample(sizes: ConvolutionSizes, nibbles = 0): Sample {
  const { numbers, lengths: { x, w, y } } = convolutionOver(sizes);
  const lanes = Math.ceil(sizes.out_blocks / 2) * 8;
  return {
    numbers: { ...numbers, nibbles, pad_word: 0, zero: 0, low: -128, high: 127 },
    buffers: {
      x: { words: x, type: "u32" },
      w: { words: nibbles ? w / 2 : w, type: "u32" },
      bias: { words: lanes, type: "i32" },
      multiplier: { words: lanes, type: "f32" },
      y: { words: y, type: "u32" },
    },
  };
}

/**
 * Columns of a window up to which sums of qconv2d_widened, of products of 2^16 each, are exact: they stay below 2^22.
 */
const mostColumns = 64;

export const qconv2dTiled = kernel("qconv2d_tiled", {
  ...declared,
  variants: {
    others({ kernel_x }, speed) {
      const widened = kernel_x <= mostColumns ? [qconv2dWidened] : [];
      if (speed < tileSpeed.codes) return speed < dotSpeed ? widened : [];
      const matrices = [qconv2dMatrix16x16x32, qconv2dMatrix16x16x16, qconv2dMatrix8x16x32];
      return [...widened, qconv2dTile, ...matrices];
    },
    bucket: (n) => convolutionBucket(n) + (n.nibbles ? " nibbles" : ""),
    work: convolutionWork,
    sample: (n, work) => qconv2dSample(typicalSizes(n, work), n.nibbles),
  },
});
