// The picture of a graph as PNG. A deep network is thousands of times as tall as a letter: at the height that a PNG may
// have, letters would vanish, so that tall drawings are broken into columns, from top to bottom as in a newspaper.
import sharp from "sharp";
import { drawDotLetters } from "../report/dot_letters.ts";
import { type Area, type Drawing, svgOf } from "../report/graph_svg.ts";

/** Of a PNG in pixels: along an edge (librsvg's limit) and in all (three bytes of memory each). */
export type PixelLimits = { readonly edge: number; readonly all: number };
export const pixelLimits: PixelLimits = { edge: 32_767, all: 80e6 };

/** Pixels per point at which browsers show SVG. */
const fullScale = 4 / 3;
/** Pixels between columns. */
const gap = 32;
/**
 * libvips renders in tiles of this size, and librsvg lays out the whole drawing for each: a ladder of 1,000 nodes took
 * 72 seconds as one SVG and takes 4 as an SVG per tile with only what lies in it.
 */
const tilePixels = 2000;

/** A tenth more bytes than the default of 6, in a third of the time. */
const compressionLevel = 3;

/** How a drawing fits a PNG. */
export type Columns = {
  readonly count: number;
  /** Of its full size. */
  readonly share: number;
  /** Of one column, in pixels. */
  readonly width: number;
  readonly height: number;
};

type Size = Pick<Drawing, "width" | "height">;

/** The fewest columns at which letters have almost the largest size that any number of columns gives them. */
export function columnsFor(drawing: Size, limits: PixelLimits = pixelLimits): Columns {
  const choices = Array.from({ length: 64 }, (_, i) => columnsOf(drawing, i + 1, limits));
  const largest = Math.max(...choices.map(({ share }) => share));
  return choices.find(({ share }) => share >= 0.9 * largest)!;
}

function columnsOf({ width, height }: Size, count: number, { edge, all }: PixelLimits): Columns {
  const [across, down] = [count * width * fullScale, height * fullScale / count];
  const gaps = (count - 1) * gap;
  const share = Math.min(1, (edge - gaps) / across, edge / down, Math.sqrt(all / (across + gaps) / down));
  const pixels = (points: number) => Math.max(1, Math.floor(points * fullScale * share));
  return { count, share, width: pixels(width), height: pixels(height / count) };
}

export type GraphPng = {
  readonly content: Uint8Array;
  readonly columns: Columns;
  /** Without any, letters are made of dots, and those beyond ASCII are boxes. */
  readonly fonts: boolean;
};

export async function pngOf(drawing: Drawing, limits: PixelLimits = pixelLimits): Promise<GraphPng> {
  const fonts = await hasFonts();
  const columns = columnsFor(drawing, limits);
  const step = columns.width + gap;
  const [width, height] = [columns.count * step - gap, columns.height];
  const canvas = new Uint8Array(width * height * 3).fill(255);
  const draw = async (tile: Tile) => {
    const svg = tileSvg(drawing, tile, fullScale * columns.share);
    const pixels = await rasterize(fonts ? svg : drawDotLetters(svg));
    for (let row = 0; row < tile.height; row++) {
      const line = pixels.subarray(row * tile.width * 3, (row + 1) * tile.width * 3);
      const [x, y] = [tile.column * step + tile.left, tile.top - tile.column * height + row];
      canvas.set(line, (y * width + x) * 3);
    }
  };
  await Promise.all(Array.from(tilesOf(columns), draw));
  const raw = { width, height, channels: 3 as const };
  return {
    content: await sharp(canvas, { raw, limitInputPixels: false }).png({ compressionLevel }).toBuffer(),
    columns,
    fonts,
  };
}

/** An area in pixels of the drawing before it was broken, and the column that shows it. */
type Tile = Area & { readonly column: number };

function* tilesOf({ count, width, height }: Columns): Iterable<Tile> {
  for (let column = 0; column < count; column++) {
    for (let y = 0; y < height; y += tilePixels) {
      for (let left = 0; left < width; left += tilePixels) {
        const size = {
          width: Math.min(tilePixels, width - left),
          height: Math.min(tilePixels, height - y),
        };
        yield { column, left, top: column * height + y, ...size };
      }
    }
  }
}

function tileSvg(drawing: Drawing, { left, top, width, height }: Tile, scale: number): string {
  const area = { left: left / scale, top: top / scale, width: width / scale, height: height / scale };
  return svgOf(drawing, area, [`${width}`, `${height}`]);
}

/** RGB, row by row. */
async function rasterize(svg: string): Promise<Uint8Array> {
  return await sharp(new TextEncoder().encode(svg), { unlimited: true })
    .flatten({ background: "#ffffff" }).toColourspace("srgb").raw().toBuffer();
}

/** Whether this machine has fonts: without any, two letters look the same. */
async function hasFonts(): Promise<boolean> {
  const [one, other] = await Promise.all(
    ["i", "M"].map((letter) =>
      rasterize(
        `<svg xmlns="http://www.w3.org/2000/svg" width="20" height="20"><text x="2" y="16">${letter}</text></svg>`,
      )
    ),
  );
  return one.some((value, i) => value !== other[i]);
}
