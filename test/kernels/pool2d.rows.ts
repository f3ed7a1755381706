import { withElement, type WordType } from "../../src/kernels/kernel.ts";
import { pool2d, poolKinds } from "../../src/kernels/pool2d.ts";
import { windowNumbers, windowOver } from "../../src/ops/lowering/window.ts";
import { exact, type KernelRows, open, type Row, sums, within } from "./row.ts";

type Pool = {
  readonly kind: (typeof poolKinds)[number];
  /** Images, channels, height, width. */
  readonly x: readonly [number, number, number, number];
  readonly kernel: readonly number[];
  readonly strides?: readonly number[];
  readonly pads?: readonly number[];
  readonly dilations?: readonly number[];
  readonly ceil?: boolean;
  readonly power?: number;
};

function row(
  name: string,
  { kind, x: [images, channels, height, width], kernel, ceil, power = 2, ...pool }: Pool,
): Row {
  const { strides = [], pads = [], dilations = [] } = pool;
  const window = windowOver([height, width], kernel, { strides, pads, dilations, auto_pad: "NOTSET" }, ceil);
  const blocks = Math.ceil(channels / 4);
  const [pad_bottom, pad_right] = window.after;
  const sizes = { images, height, width, blocks, pad_bottom, pad_right };
  return {
    name: `${kind}, ${name}`,
    numbers: { kind: poolKinds.indexOf(kind), power, lowest: open.low, ...sizes, ...windowNumbers(window) },
    buffers: {
      x: images * height * width * blocks * 4,
      y: images * window.out[0] * window.out[1] * blocks * 4,
    },
    bound: kind === "max" ? exact : power > 2 ? powers : sums,
  };
}

const powers = within(1e-4, "pow is exp2 of a product with log2, results up to about four");

/** Integers keep every bit; none is below the lowest float. */
function integers(element: WordType, lowest: number, make: (i: number) => number) {
  const words = element === "i32" ? Int32Array : Uint32Array;
  return [
    row("one pixel", { kind: "max", x: [1, 1, 1, 1], kernel: [1, 1] }),
    row("pads", { kind: "max", x: [1, 3, 5, 4], kernel: [3, 2], pads: [1, 1, 1, 0] }),
    row("several workgroups", { kind: "max", x: [3, 9, 8, 9], kernel: [2, 2], strides: [1, 2] }),
  ].map((one): Row => ({
    ...one,
    numbers: { ...one.numbers, lowest },
    buffers: {
      x: words.from(Array.from({ length: one.buffers.x as number }, (_, i) => make(i))),
      y: new words(one.buffers.y as number),
    },
  }));
}

export const rows: readonly KernelRows[] = [{
  kernel: withElement(pool2d, "i32"),
  rows: integers("i32", -(2 ** 31), (i) => (i * 1_000_003_579) | 0),
}, {
  kernel: withElement(pool2d, "u32"),
  rows: integers("u32", 0, (i) => (i * 1_000_003_579) >>> 0),
}, {
  kernel: pool2d,
  rows: poolKinds.flatMap((kind) => [
    row("one pixel", { kind, x: [1, 1, 1, 1], kernel: [1, 1] }),
    row("odd sizes, pads", { kind, x: [2, 5, 7, 9], kernel: [3, 2], strides: [2, 3], pads: [1, 1, 1, 0] }),
    row("windows that end past the padding", {
      kind,
      x: [1, 3, 6, 6],
      kernel: [3, 3],
      strides: [2, 2],
      pads: [1, 0, 0, 1],
      ceil: true,
    }),
    row("dilation", { kind, x: [1, 4, 9, 8], kernel: [2, 3], dilations: [3, 2], pads: [1, 2, 1, 2] }),
    row("whole image, several workgroups", { kind, x: [40, 30, 9, 9], kernel: [9, 9] }),
  ]).concat([
    row("sum of sizes", { kind: "norm", x: [1, 3, 5, 5], kernel: [3, 3], pads: [1, 1, 1, 1], power: 1 }),
    row("power 3", { kind: "norm", x: [1, 3, 5, 5], kernel: [3, 3], pads: [1, 1, 1, 1], power: 3 }),
  ]),
}];
