// Distributions of latencies: one row of bars per model over one axis, with the median and the last percentile as
// lines.
import type { Mark } from "vega";
import { palette, svgOf } from "./chart.ts";

export type LatencyRow = {
  readonly name: string;
  readonly latenciesMs: readonly number[];
  /** Lines to draw. */
  readonly marksMs: readonly number[];
};

const width = 560;
const rowHeight = 70;
const bars = 100;
/** Cuts off the slowest percent: an outlier would squeeze all other queries into one bar. */
const shown = 0.99;

export function latencyChart(rows: readonly LatencyRow[], title: string): Promise<string> {
  const all = rows.flatMap(({ latenciesMs }) => [...latenciesMs]).sort((a, b) => a - b);
  const low = all[0];
  const high = Math.max(all[Math.ceil(shown * (all.length - 1))], low * 1.001, 1e-6);
  const lines = rows.flatMap(({ name, marksMs }) => marksMs.map((at) => ({ name, at: Math.min(at, high) })));
  const names = rows.map(({ name }) => name);
  return svgOf({
    title: { text: title, anchor: "start", fontSize: 13, color: palette.ink },
    width,
    height: rows.length * rowHeight,
    data: [
      { name: "bars", values: rows.flatMap((row) => barsOf(row, low, high)) },
      { name: "lines", values: lines },
    ],
    scales: [
      { name: "ms", domain: [low, high], range: "width", zero: false },
      { name: "row", type: "band", domain: names, range: "height", paddingInner: 0.15 },
    ],
    axes: [
      { orient: "bottom", scale: "ms", title: "latency, ms", format: ".6~g", labelOverlap: true, grid: true },
      { orient: "left", scale: "row", ticks: false },
    ],
    marks: [barMark, lineMark],
  });
}

/** Heights are relative to the row's highest bar; the last bar includes all slower queries. */
function barsOf({ name, latenciesMs }: LatencyRow, low: number, high: number) {
  const step = (high - low) / bars;
  const counts = new Array<number>(bars).fill(0);
  for (const ms of latenciesMs) counts[Math.min(bars - 1, Math.floor((ms - low) / step))]++;
  const most = Math.max(...counts);
  return counts.map((count, i) => ({
    name,
    from: low + i * step,
    to: low + (i + 1) * step,
    share: count / most,
  }));
}

const top = { scale: "row", field: "name" };
const bottom = { ...top, band: 1 };

const barMark: Mark = {
  type: "rect",
  from: { data: "bars" },
  encode: {
    enter: {
      x: { scale: "ms", field: "from" },
      x2: { scale: "ms", field: "to" },
      y: { signal: "scale('row', datum.name) + bandwidth('row') * (1 - datum.share)" },
      y2: bottom,
      fill: { value: palette.chosen },
      fillOpacity: { value: 0.6 },
    },
  },
};

const lineMark: Mark = {
  type: "rule",
  from: { data: "lines" },
  encode: {
    enter: { x: { scale: "ms", field: "at" }, y: top, y2: bottom, stroke: { value: palette.ink } },
  },
};
