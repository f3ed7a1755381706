// Rows of the implicit matrix products of codes, through workgroup memory and on matrix units, which have the same
// interface.
import { exact, type Row, seededFloats } from "./row.ts";

type Shape = {
  /** Images, height, width, and channels in blocks of four, in and out. */
  readonly sizes: readonly [number, number, number, number, number];
  readonly kernel?: readonly [number, number];
  readonly stride?: readonly [number, number];
  readonly dilation?: readonly [number, number];
  /** Top and left; bottom and right are the same. */
  readonly pads?: readonly [number, number];
  readonly zero?: number;
  readonly clamp?: readonly [number, number];
  /** The value of all words of x and w; random if absent. */
  readonly words?: number;
};

function row(name: string, shape: Shape, bits: 4 | 8): Row {
  const { sizes: [images, height, width, blocks, out_blocks], zero = 0 } = shape;
  const [[kernel_y, kernel_x], [stride_y, stride_x], [dilation_y, dilation_x]] = [
    shape.kernel ?? [1, 1],
    shape.stride ?? [1, 1],
    shape.dilation ?? [1, 1],
  ];
  const [pad_top, pad_left] = shape.pads ?? [0, 0];
  const out = (size: number, pad: number, kernel: number, stride: number, dilation: number) =>
    Math.floor((size + 2 * pad - dilation * (kernel - 1) - 1) / stride) + 1;
  const out_height = out(height, pad_top, kernel_y, stride_y, dilation_y);
  const out_width = out(width, pad_left, kernel_x, stride_x, dilation_x);
  const pixels = images * out_height * out_width;
  const groups = Math.ceil(out_blocks / 2);
  const [low, high] = shape.clamp ?? [-128 - zero, 127 - zero];
  const window = { kernel_y, kernel_x, stride_y, stride_x, dilation_y, dilation_x, pad_top, pad_left };
  const codes = shape.words === undefined ? randomCodes : (words: number) => sameCodes(words, shape.words!);
  return {
    name,
    numbers: {
      pixels,
      height,
      width,
      blocks,
      out_height,
      out_width,
      out_blocks,
      ...window,
      pad_word: 0x05050505,
      zero,
      low,
      high,
      ...(bits === 4 && { nibbles: 1 }),
    },
    buffers: {
      x: codes(images * height * width * blocks, 1),
      w: codes(groups * kernel_y * kernel_x * blocks * bits, 2),
      bias: Int32Array.from(seededFloats(groups * 8, 3), (v) => Math.round(v * 5000)),
      multiplier: seededFloats(groups * 8, 4).map((v) => Math.fround(0.001 * (1.5 + v))),
      y: new Uint32Array(pixels * out_blocks),
    },
    bound: exact,
  };
}

/** Words of four random bytes. */
function randomCodes(words: number, seed: number): Uint32Array {
  return Uint32Array.from(seededFloats(words, seed), (v) => Math.floor((v + 1) * 2 ** 31));
}

function sameCodes(words: number, word: number): Uint32Array {
  return new Uint32Array(words).fill(word);
}

const shapes: readonly (readonly [string, Shape])[] = [
  ["one pixel, four channels", { sizes: [1, 1, 1, 1, 1] }],
  ["half a group of eight, a zero point and a clamp", {
    sizes: [1, 4, 5, 2, 3],
    zero: -3,
    clamp: [-20, 60],
  }],
  ["3 × 3 with padding, depth that ends within a step", {
    sizes: [1, 7, 9, 3, 4],
    kernel: [3, 3],
    pads: [1, 1],
  }],
  ["stride, dilation, oblong kernel, two images", {
    sizes: [2, 11, 10, 1, 5],
    kernel: [3, 2],
    stride: [2, 1],
    dilation: [2, 3],
    pads: [2, 1],
  }],
  ["more padding than input", { sizes: [1, 2, 2, 1, 2], kernel: [3, 3], pads: [2, 2] }],
  ["a window of many columns, all codes the lowest", {
    sizes: [1, 2, 70, 2, 3],
    kernel: [2, 64],
    pads: [0, 3],
    words: 0x80808080,
  }],
  ["one tile exactly: 64 pixels, 64 channels, 16 words deep", { sizes: [1, 8, 8, 16, 16] }],
  ["several workgroups each way, deep", {
    sizes: [1, 13, 11, 20, 17],
    kernel: [3, 3],
    pads: [1, 1],
    zero: 7,
  }],
];

/** With weights of eight bits, then of four. */
export const implicitRows: readonly Row[] = ([8, 4] as const).flatMap((bits) =>
  shapes.map(([name, shape]) => row(bits === 8 ? name : `${name}, weights of 4 bits`, shape, bits))
);
