import { roiAlign, roiKinds } from "../../src/kernels/roi_align.ts";
import { type KernelRows, type Row, within } from "./row.ts";

const samples = within(2 ** -17, "weights of four pixels and sums of tens of samples of at most 1");

type Options = { readonly samples: number; readonly shift: number; readonly least: number };
const halves = { shift: 0.5, least: -3.4028234663852886e38 };

function row(
  name: string,
  kind: number,
  regions: readonly number[],
  images: readonly number[],
  options: Options,
): Row {
  const [image_count, channels, height, width, bin_rows, bin_columns] = [2, 3, 7, 9, 2, 3];
  const count = images.length * channels * bin_rows * bin_columns;
  return {
    name: `${roiKinds[kind]}, ${name}`,
    numbers: {
      kind,
      count,
      image_count,
      channels,
      height,
      width,
      bin_rows,
      bin_columns,
      scale: 0.5,
      ...options,
    },
    buffers: {
      x: image_count * channels * height * width,
      regions,
      images: Int32Array.from(images),
      y: count,
    },
    bound: samples,
  };
}

export const rows: readonly KernelRows[] = [{
  kernel: roiAlign,
  rows: [0, 1].flatMap((kind) => [
    row(
      "two samples per bin, several workgroups",
      kind,
      [2, 1, 15, 11, 0, 0, 18, 14, 5, 5, 9, 8, 1, 1, 3, 4],
      [
        0,
        1,
        1,
        0,
      ],
      {
        samples: 2,
        ...halves,
      },
    ),
    row("as many samples as pixels", kind, [2, 1, 15, 11, 3.5, 2.25, 17, 9], [1, 0], {
      samples: 0,
      shift: 0,
      least: 1,
    }),
    row("outside, inside out, and of no image", kind, [-9, -9, 40, 30, 8, 8, 2, 2, 0, 0, 4, 4], [0, 1, 9], {
      samples: 0,
      ...halves,
    }),
    row("a few times the image: each bin has all its samples", kind, [-20, -9, 70, 55, 3, 2, 61, 47], [
      1,
      0,
    ], {
      samples: 0,
      ...halves,
    }),
    // In steps of one pixel, which float32 holds exactly.
    row("far larger than the image", kind, [-3 * 2 ** 20, -(2 ** 21), 3 * 2 ** 20, 2 ** 21], [-3], {
      samples: 0,
      shift: 0,
      least: 1,
    }),
  ]),
}];
