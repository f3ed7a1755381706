// Sums of products of the elements under a window; one thread computes a tile of 16 rows by 4 columns, one workgroup a
// segment of output rows. The first half of a layer's second moments; second_moments_fold.ts adds the segments.
import { kernel, type Numbers, type Words } from "./kernel.ts";

const groupSize = 32;

export const secondMoments = kernel("second_moments", {
  writes: ["partial"],
  grid: (n) => [
    Math.ceil((n.columns_of_y ? 4 : n.columns) / groupSize),
    Math.ceil((n.rows_of_y ? n.y_channels / 4 : n.columns) / 4),
    Math.ceil(n.rows / n.segment_rows),
  ],
  reference({ x, y, partial }, n) {
    const tiles = Math.ceil((n.rows_of_y ? n.y_channels / 4 : n.columns) / 4);
    const rowLane = n.rows_of_y ? elementOfY : laneOfPatch;
    const columnLane = n.columns_of_y ? elementOfY : laneOfPatch;
    for (let segment = 0; segment * n.segment_rows < n.rows; segment++) {
      const pixels = [segment, segment + 1].map((s) => Math.min(s * n.segment_rows, n.rows) * n.out_width);
      for (let tile = 0; tile < tiles; tile++) {
        const skipped = n.rows_of_y && !n.columns_of_y ? 0 : tile * 4;
        const end = n.columns_of_y ? Math.min(skipped + 4, n.columns) : n.columns;
        for (let column = skipped; column < end; column++) {
          const at = segment * n.segment_words + n.first + (tile * n.columns + column) * 64;
          for (let i = 0; i < 64; i++) {
            let sum = 0;
            for (let pixel = pixels[0]; pixel < pixels[1]; pixel++) {
              const row = rowLane(x, y, n, pixel, tile * 16 + (i >> 2));
              sum += row * columnLane(x, y, n, pixel, column * 4 + (i & 3));
            }
            partial[at + i] = sum;
          }
        }
      }
    }
  },
});

function elementOfY(_: Words, y: Words, n: Numbers, pixel: number, channel: number): number {
  return channel < n.y_channels ? y[pixel * n.y_row + channel] : 0;
}

/** Lane `lane` of the patch under an output pixel: taps by blocks of four channels, then a one, then zeros. */
function laneOfPatch(x: Words, _: Words, n: Numbers, pixel: number, lane: number): number {
  const block = lane >> 2;
  if (block >= n.patch_blocks) return Number(lane === n.patch_blocks * 4);
  const tap = Math.floor(block / n.blocks);
  const row = Math.floor(pixel / n.out_width);
  const iy = (row % n.out_height) * n.stride_y + Math.floor(tap / n.kernel_x) * n.dilation_y - n.pad_top;
  const ix = (pixel % n.out_width) * n.stride_x + (tap % n.kernel_x) * n.dilation_x - n.pad_left;
  if (iy < 0 || iy >= n.height * n.apart_y || ix < 0 || ix >= n.width * n.apart_x) return 0;
  if (iy % n.apart_y !== 0 || ix % n.apart_x !== 0) return 0;
  const image = Math.floor(row / n.out_height);
  return x[
    (((image * n.height + iy / n.apart_y) * n.width + ix / n.apart_x) * n.blocks + (block % n.blocks)) * 4 +
    (lane & 3)
  ];
}
