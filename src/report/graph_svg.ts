// The picture of a graph as SVG: laid out by Graphviz, which is compiled to WebAssembly and needs no installation.
import { UnsupportedError } from "../error.ts";

/** CSS takes precedence over the font that the layout was computed for. Operators are bold. */
const style = `<style>
text { font-family: ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, "Liberation Mono", monospace; }
.node text:first-of-type, .graph > text { font-weight: bold; }
</style>`;

/** A rectangle in points, from the upper left corner. */
export type Area = {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
};

/** A node, an edge or a frame: its element, and the area that it may cover. */
type Part = { readonly svg: string; readonly area: Area };

/** The picture in parts: its size in points, and the text before and after the parts. */
export type Drawing = {
  readonly width: number;
  readonly height: number;
  readonly head: string;
  readonly parts: readonly Part[];
};

/** Lays out a graph in DOT. @throws UnsupportedError if Graphviz gives up. */
export async function drawGraph(dot: string): Promise<Drawing> {
  const { instance } = await import("@viz-js/viz");
  const viz = await instance();
  try {
    return partsOf(viz.renderString(dot, { format: "svg", engine: "dot" }));
  } catch (cause) {
    const expected = "expected a graph that Graphviz can lay out";
    throw new UnsupportedError(`Cannot draw the graph: ${(cause as Error).message}, ${expected}`, { cause });
  }
}

/** Graphviz moves everything by this transformation, so that its origin is the lower left corner. */
const moved = /<g id="graph0"[^>]*translate\(([-\d.]+) ([-\d.]+)\)/;
const partStart = /\n(?=<!--[^\n]*-->\n<g id="(?:node|edge|clust)|<g id="clust)/;

function partsOf(svg: string): Drawing {
  const [, width, height] = /<svg width="([\d.]+)pt" height="([\d.]+)pt"/.exec(svg)!.map(Number);
  const [, right, down] = moved.exec(svg)!.map(Number);
  const [start, ...parts] = svg.slice(svg.indexOf("<g "), svg.lastIndexOf("</g>\n</svg>")).split(partStart);
  return {
    ...{ width, height, head: start },
    parts: parts.map((part) => ({ svg: part, area: areaOf(part, right, down) })),
  };
}

const ellipse = /<ellipse [^>]*cx="([^"]*)" cy="([^"]*)" rx="([^"]*)" ry="([^"]*)"/g;

/** Around all points of a part, whatever connects them. */
function areaOf(part: string, right: number, down: number): Area {
  const paths = [...part.matchAll(/ (?:d|points)="([^"]*)"/g)].map(([, path]) => path).join(" ");
  const ovals = [...part.matchAll(ellipse)].flatMap(([, ...numbers]) => {
    const [x, y, width, height] = numbers.map(Number);
    return [x - width, y - height, x + width, y + height];
  });
  const numbers = [...(paths.match(/-?[\d.]+/g) ?? []).map(Number), ...ovals];
  const [x, y] = [0, 1].map((odd) => numbers.filter((_, i) => i % 2 === odd));
  const least = (some: readonly number[]) => some.reduce((a, b) => Math.min(a, b), Infinity);
  const most = (some: readonly number[]) => some.reduce((a, b) => Math.max(a, b), -Infinity);
  const [left, top] = [least(x), least(y)];
  return { left: left + right, top: top + down, width: most(x) - left, height: most(y) - top };
}

/** The whole drawing, or what lies in one area of it, at a size in pixels or points. */
export function svgOf(
  { head, parts, ...all }: Drawing,
  area: Area = { left: 0, top: 0, ...all },
  [width, height]: readonly [string, string] = [`${all.width}pt`, `${all.height}pt`],
): string {
  const { left, top } = area;
  return [
    `<svg width="${width}" height="${height}" viewBox="${left} ${top} ${area.width} ${area.height}" ` +
    `xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">`,
    style,
    head,
    ...parts.filter((part) => overlap(part.area, area)).map(({ svg }) => svg),
    "</g>\n</svg>\n",
  ].join("\n");
}

/** With some points around, for lines have a width. */
function overlap(a: Area, b: Area): boolean {
  const around = 4;
  return a.left < b.left + b.width + around && b.left < a.left + a.width + around &&
    a.top < b.top + b.height + around && b.top < a.top + a.height + around;
}
