// Regions of pictures, each cut into bins of samples between the pixels.
import { kernel, type Numbers } from "./kernel.ts";

export const roiKinds = ["avg", "max"] as const;

export const roiAlign = kernel("roi_align", {
  writes: ["y"],
  grid: (n) => [Math.ceil(n.count / 64)],
  reference({ x, regions, images, y }, n) {
    for (let i = 0; i < n.count; i++) {
      const [binColumn, binRow] = [i % n.bin_columns, Math.floor(i / n.bin_columns) % n.bin_rows];
      const plane = Math.floor(i / (n.bin_rows * n.bin_columns));
      const region = Math.floor(plane / n.channels);
      const [left, top, right, bottom] = regions.slice(region * 4, region * 4 + 4)
        .map((edge) => edge * n.scale - n.shift);
      const rows = samplesOf(top, bottom, binRow, n.bin_rows, n.height, n);
      const columns = samplesOf(left, right, binColumn, n.bin_columns, n.width, n);
      const image = Math.min(Math.max(images[region], 0), n.image_count - 1);
      const first = (image * n.channels + (plane % n.channels)) * n.height;
      let [sum, most] = [0, -Infinity];
      for (const row of rows) {
        for (const column of columns) {
          const parts = row.flatMap(([h, v]) => column.map(([w, u]) => v * u * x[(first + h) * n.width + w]));
          sum += parts.reduce((total, part) => total + part, 0);
          most = Math.max(most, ...(parts.length > 0 ? parts : [0]));
        }
      }
      const count = rows.length * columns.length;
      y[i] = n.kind === 0 ? sum / Math.max(count, 1) : count > 0 ? most : 0;
    }
  },
});

type Sample = readonly (readonly [pixel: number, weight: number])[];

/** The samples of a bin along an axis: the two pixels around each; none beyond a pixel's width outside. */
function samplesOf(
  start: number,
  end: number,
  bin: number,
  bins: number,
  size: number,
  n: Numbers,
): Sample[] {
  const extent = Math.max(end - start, n.least);
  const count = n.samples || Math.min(Math.max(Math.ceil(extent / bins), 0), 2 * size);
  return Array.from({ length: count }, (_, k) => {
    const place = start + (bin + (k + 0.5) / count) * (extent / bins);
    if (!(place >= -1 && place <= size)) return [];
    const at = Math.min(Math.max(place, 0), size - 1);
    const pixel = Math.floor(at);
    return [[pixel, 1 - (at - pixel)], [Math.min(pixel + 1, size - 1), at - pixel]];
  });
}
