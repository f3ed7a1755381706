import { maxPoolGradient } from "../../src/kernels/max_pool_gradient.ts";
import { threeAxisNumbers, windowOver } from "../../src/ops/lowering/window.ts";
import { type KernelRows, type Row, ulp } from "./row.ts";

type Pool = {
  /** Images, channels, then sizes. */
  readonly x: readonly number[];
  readonly kernel: readonly number[];
  readonly strides?: readonly number[];
  readonly pads?: readonly number[];
  readonly dilations?: readonly number[];
};

/** Few distinct numbers, so that there are ties. */
const valueWithTies = (at: number) => (at * 7) % 5 - 3;

function row(name: string, { x, kernel, strides = [], pads = [], dilations = [] }: Pool): Row {
  const [images, channels, ...size] = x;
  const window = windowOver(size, kernel, { strides, pads, dilations, auto_pad: "NOTSET" });
  const n = threeAxisNumbers(window);
  const lanes = Math.ceil(channels / 4) * 4;
  const words = images * n.depth * n.height * n.width * lanes;
  const values = Float32Array.from({ length: words }, (_, at) => valueWithTies(at));
  const [results, gradients] = [[], []] as number[][];
  const outWords = images * n.out_depth * n.out_height * n.out_width * lanes;
  for (let line = 0; line < outWords; line++) {
    const pixel = Math.floor(line / lanes);
    const [ox, oy] = [pixel % n.out_width, Math.floor(pixel / n.out_width) % n.out_height];
    const oz = Math.floor(pixel / n.out_width / n.out_height) % n.out_depth;
    const image = Math.floor(pixel / n.out_width / n.out_height / n.out_depth);
    let most = -Infinity;
    for (let tap = 0; tap < n.kernel_z * n.kernel_y * n.kernel_x; tap++) {
      const iz = oz * n.stride_z - n.pad_front + Math.floor(tap / n.kernel_y / n.kernel_x) * n.dilation_z;
      const iy = oy * n.stride_y - n.pad_top + Math.floor(tap / n.kernel_x) % n.kernel_y * n.dilation_y;
      const ix = ox * n.stride_x - n.pad_left + tap % n.kernel_x * n.dilation_x;
      if (iz < 0 || iz >= n.depth || iy < 0 || iy >= n.height || ix < 0 || ix >= n.width) continue;
      most = Math.max(
        most,
        values[(((image * n.depth + iz) * n.height + iy) * n.width + ix) * lanes + line % lanes],
      );
    }
    results.push(most);
    gradients.push(((line * 53) % 127 - 63) / 64);
  }
  return {
    name,
    numbers: { images, lanes, ...n },
    buffers: { x: values, y: results, dy: gradients, dx: new Float32Array(words) },
    bound: ulp(0, "sums of a few multiples of 1/64"),
  };
}

export const rows: readonly KernelRows[] = [{
  kernel: maxPoolGradient,
  rows: [
    row("one pixel", { x: [1, 1, 1], kernel: [1] }),
    row("columns, pads", { x: [2, 3, 9], kernel: [3], strides: [2], pads: [1, 1] }),
    row("windows that overlap, pads, dilation", {
      x: [1, 5, 7, 6],
      kernel: [2, 3],
      pads: [1, 1, 0, 2],
      dilations: [3, 2],
    }),
    row("depth, several workgroups", { x: [2, 6, 5, 6, 7], kernel: [2, 3, 2], strides: [2, 1, 2] }),
  ],
}];
