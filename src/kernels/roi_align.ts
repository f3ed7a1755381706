// Regions of images, each divided into bins of interpolated samples.
import { constantsOf, kernel, type Numbers } from "./kernel.ts";

export const roiKinds = ["avg", "max"] as const;

export const roiAlign = kernel("roi_align", {
  constants: constantsOf("kind", roiKinds),
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
      const count = rows.count * columns.count;
      // Samples outside are zeros.
      let [sum, most] = [0, rows.near.length * columns.near.length < count ? 0 : -Infinity];
      for (const row of rows.near) {
        for (const column of columns.near) {
          const parts = row.flatMap(([h, v]) => column.map(([w, u]) => v * u * x[(first + h) * n.width + w]));
          sum += parts.reduce((total, part) => total + part, 0);
          most = Math.max(most, ...(parts.length > 0 ? parts : [0]));
        }
      }
      y[i] = roiKinds[n.kind] === "avg" ? sum / Math.max(count, 1) : count > 0 ? most : 0;
    }
  },
});

type Sample = readonly (readonly [pixel: number, weight: number])[];

/** The number of samples of a bin along an axis, and the two pixels around each sample within a pixel of the image. */
function samplesOf(
  start: number,
  end: number,
  bin: number,
  bins: number,
  size: number,
  n: Numbers,
): { readonly count: number; readonly near: readonly Sample[] } {
  const extent = Math.max(end - start, n.least);
  const count = n.samples || Math.max(Math.ceil(extent / bins), 0);
  const step = extent / bins / count;
  const begin = start + bin * (extent / bins);
  const first = n.samples ? 0 : Math.min(Math.max(Math.ceil((-1 - begin) / step - 0.5), 0), count);
  const most = n.samples || 2 * size + 4;
  const near: Sample[] = [];
  for (let k = first; k < Math.min(first + most, count); k++) {
    const place = begin + (k + 0.5) * step;
    if (!(place >= -1 && place <= size)) continue;
    const at = Math.min(Math.max(place, 0), size - 1);
    const pixel = Math.floor(at);
    near.push([[pixel, 1 - (at - pixel)], [Math.min(pixel + 1, size - 1), at - pixel]]);
  }
  return { count, near };
}
