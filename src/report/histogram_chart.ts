// The histogram of a tensor, with the ranges of all methods.
import type { Mark } from "vega";
import type { BinCounts, CalibratedPoint } from "../files/results.ts";
import { methodColour, palette, svgOf } from "./chart.ts";

const width = 250;
const height = 70;
const mostBars = 125;

/** Heights are symmetric logarithmic; the chosen range is shaded; lines mark the ends of each method's range. */
export function histogramChart(point: CalibratedPoint & { readonly histogram: BinCounts }): Promise<string> {
  const { low, high, methods = {} } = point;
  const ends = Object.entries(methods).flatMap(([method, range]) =>
    [range.low, range.high].map((at) => ({ at, colour: methodColour(method) }))
  );
  const fields = [["bars", "low"], ["bars", "high"], ["ends", "at"], ["chosen", "low"], ["chosen", "high"]];
  const domain = { fields: fields.map(([data, field]) => ({ data, field })) };
  return svgOf({
    width,
    height,
    data: [
      { name: "bars", values: barsOf(point.histogram) },
      { name: "ends", values: ends },
      { name: "chosen", values: [{ low, high }] },
    ],
    scales: [
      { name: "value", domain, range: "width", zero: false },
      {
        name: "count",
        type: "symlog",
        domain: { data: "bars", field: "count" },
        range: "height",
        zero: true,
      },
    ],
    axes: [{ orient: "bottom", scale: "value", tickCount: 5, format: ".6~g", labelOverlap: true }],
    marks: [
      block("chosen", palette.chosen, 0.1, { y: { value: 0 }, y2: { value: height } }),
      block("bars", palette.ink, 0.65, {
        y: { scale: "count", field: "count" },
        y2: { scale: "count", value: 0 },
      }),
      {
        type: "rule",
        from: { data: "ends" },
        encode: {
          enter: {
            x: { scale: "value", field: "at" },
            y: { value: 0 },
            y2: { value: height },
            stroke: { field: "colour" },
            strokeWidth: { value: 1.5 },
          },
        },
      },
    ],
  });
}

function block(
  from: string,
  colour: string,
  opacity: number,
  vertical: Record<"y" | "y2", Record<string, unknown>>,
): Mark {
  const horizontal = { x: { scale: "value", field: "low" }, x2: { scale: "value", field: "high" } };
  return {
    type: "rect",
    from: { data: from },
    encode: {
      enter: { ...horizontal, ...vertical, fill: { value: colour }, fillOpacity: { value: opacity } },
    },
  } as Mark;
}

/** Merges neighbouring bins so that a chart has at most `mostBars` bars. */
function barsOf({ first, exponent, counts }: BinCounts): { low: number; high: number; count: number }[] {
  const binWidth = 2 ** exponent;
  const perBar = Math.max(1, Math.ceil(counts.length / mostBars));
  return Array.from({ length: Math.ceil(counts.length / perBar) }, (_, bar) => {
    const from = bar * perBar;
    const to = Math.min(from + perBar, counts.length);
    const count = counts.slice(from, to).reduce((sum, more) => sum + more, 0);
    return { low: (first + from) * binWidth, high: (first + to) * binWidth, count };
  });
}
