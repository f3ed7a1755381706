import { gridKinds, gridPaddings, gridSample } from "../../src/kernels/grid_sample.ts";
import { exact, type KernelRows, type Row, within } from "./row.ts";

const weights = within(2 ** -18, "64 products of weights and values of at most 1 in single precision");

/** Multiples of 1/16 from −2 to 2: positions between pixels are exact, and some are ties. */
const points = (count: number, seed: number) =>
  Float32Array.from({ length: count }, (_, i) => ((i * 23 + seed) % 65 - 32) / 16);

type Sizes = { readonly depth?: number; readonly height: number; readonly width: number };

function row(
  name: string,
  [images, channels, count]: readonly number[],
  sizes: Sizes,
  options: Options,
): Row {
  const { depth = 1, height, width } = sizes;
  const axes = sizes.depth === undefined ? 2 : 3;
  return {
    name,
    numbers: {
      ...options,
      axes,
      count: images * channels * count,
      channels,
      points: count,
      depth,
      height,
      width,
    },
    buffers: {
      x: images * channels * depth * height * width,
      grid: points(images * count * axes, 5),
      y: images * channels * count,
    },
    bound: options.kind === 0 ? exact : weights,
  };
}

type Options = { readonly kind: number; readonly padding: number; readonly align: number };

const everyWay = [0, 1].flatMap((align) =>
  gridKinds.flatMap((kind, k) =>
    gridPaddings.map((padding, p) => ({
      about: `${kind}, ${padding}${align ? ", aligned" : ""}`,
      options: { kind: k, padding: p, align },
    }))
  )
);

export const rows: readonly KernelRows[] = [{
  kernel: gridSample,
  rows: everyWay.flatMap(({ about, options }) => [
    row(`one pixel, ${about}`, [1, 1, 7], { height: 1, width: 1 }, options),
    row(`several workgroups, ${about}`, [2, 3, 35], { height: 4, width: 8 }, options),
    ...(options.kind === 2
      ? []
      : [row(`a volume, ${about}`, [1, 2, 21], { depth: 3, height: 2, width: 5 }, options)]),
  ]),
}];
