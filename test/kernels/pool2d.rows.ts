import { pool2d, poolKinds } from "../../src/kernels/pool2d.ts";
import { windowNumbers, windowOver } from "../../src/ops/window.ts";
import { exact, type KernelRows, type Row, sums } from "./row.ts";

type Pool = {
  readonly kind: keyof typeof poolKinds;
  /** Images, channels, height, width. */
  readonly x: readonly [number, number, number, number];
  readonly kernel: readonly number[];
  readonly strides?: readonly number[];
  readonly pads?: readonly number[];
  readonly dilations?: readonly number[];
  readonly ceil?: boolean;
};

function row(name: string, { kind, x: [images, channels, height, width], kernel, ceil, ...pool }: Pool): Row {
  const { strides = [], pads = [], dilations = [] } = pool;
  const window = windowOver([height, width], kernel, { strides, pads, dilations, auto_pad: "NOTSET" }, ceil);
  const blocks = Math.ceil(channels / 4);
  const [pad_bottom, pad_right] = window.after;
  const sizes = { images, height, width, blocks, pad_bottom, pad_right };
  return {
    name: `${kind}, ${name}`,
    numbers: { kind: poolKinds[kind], ...sizes, ...windowNumbers(window) },
    buffers: {
      x: images * height * width * blocks * 4,
      y: images * window.out[0] * window.out[1] * blocks * 4,
    },
    bound: kind === "max" ? exact : sums,
  };
}

const kinds = Object.keys(poolKinds) as (keyof typeof poolKinds)[];

export const rows: readonly KernelRows[] = [{
  kernel: pool2d,
  rows: kinds.flatMap((kind) => [
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
  ]),
}];
