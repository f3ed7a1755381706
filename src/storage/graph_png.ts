// The picture of a graph as PNG. A deep network is thousands of times as tall as a letter: at the height that a PNG may
// have, letters would vanish, so that tall drawings are broken into columns, from top to bottom as in a newspaper.
import sharp from "sharp";
import { type Drawing, svgOf } from "../report/graph_svg.ts";

/** Of a PNG in pixels, by edge and in all. More memory than three bytes per pixel is not needed. */
export type PixelLimits = { readonly edge: number; readonly pixels: number };
export const pixelLimits: PixelLimits = { edge: 32_767, pixels: 80e6 };

/** Pixels per point at which browsers show SVG. */
const fullScale = 4 / 3;
/** Points between columns. */
const gap = 24;
/** libvips renders in tiles of 2,000 pixels and asks librsvg for all of the drawing in each: ours hold what it shows. */
const tilePixels = 2000;

export type Columns = { readonly count: number; readonly scale: number };

/** The fewest columns at which letters have their full size; if none has, the fewest that give almost the largest. */
export function columnsFor({ width, height }: Pick<Drawing, "width" | "height">, limits = pixelLimits): Columns {
  let best: Columns = { count: 1, scale: 0 };
  for (let count = 1; count <= 64; count++) {
    const [across, down] = [count * (width + gap) - gap, height / count];
    const largest = Math.min(limits.edge / across, limits.edge / down, Math.sqrt(limits.pixels / across / down));
    const scale = Math.min(fullScale, largest);
    if (scale > best.scale * 1.1) best = { count, scale };
  }
  return best;
}

export type GraphPng = Columns & { readonly bytes: Uint8Array; readonly width: number; readonly height: number };

export async function pngOf(drawing: Drawing, limits = pixelLimits): Promise<GraphPng> {
  const { count, scale } = columnsFor(drawing, limits);
  const column = { width: Math.floor(drawing.width * scale), height: Math.floor(drawing.height * scale / count) };
  const step = column.width + Math.ceil(gap * scale);
  const [width, height] = [Math.max(1, count * step - Math.ceil(gap * scale)), Math.max(1, column.height)];
  const canvas = new Uint8Array(width * height * 3).fill(255);
  for (let i = 0; i < count; i++) {
    for (let top = 0; top < column.height; top += tilePixels) {
      for (let left = 0; left < column.width; left += tilePixels) {
        const size = [Math.min(tilePixels, column.width - left), Math.min(tilePixels, column.height - top)];
        const pixels = await render(drawing, scale, left, i * column.height + top, size[0], size[1]);
        for (let row = 0; row < size[1]; row++) {
          const line = pixels.subarray(row * size[0] * 3, (row + 1) * size[0] * 3);
          canvas.set(line, ((top + row) * width + i * step + left) * 3);
        }
      }
    }
  }
  const raw = { width, height, channels: 3 as const };
  const bytes = await sharp(canvas, { raw, limitInputPixels: false }).png().toBuffer();
  return { bytes, width, height, count, scale };
}

/** A tile of the drawing, in pixels: RGB, row by row. */
async function render(
  drawing: Drawing,
  scale: number,
  left: number,
  top: number,
  width: number,
  height: number,
): Promise<Uint8Array> {
  const area = { left: left / scale, top: top / scale, width: width / scale, height: height / scale };
  const svg = svgOf(drawing, area, [`${width}`, `${height}`]);
  return await sharp(new TextEncoder().encode(svg), { unlimited: true })
    .flatten({ background: "#ffffff" }).toColourspace("srgb").raw().toBuffer();
}
