// Charts with one row per tensor, in the order of the model.
import type { Axis, Mark, Scale } from "vega";
import type { CalibratedPoint } from "../files/results.ts";
import { palette, svgOf } from "./chart.ts";

const rowHeight = 16;
const width = 520;
const widestName = 300;

/** The observed range (thin line) and the chosen one (bar), on a symmetric logarithmic axis. */
export function rangeChart(points: readonly CalibratedPoint[]): Promise<string> {
  const rows = points.map(({ low, high, methods }) => {
    const seen = methods?.maxmin ?? { low, high };
    return { low, high, seenLow: seen.low, seenHigh: seen.high };
  });
  return rowChart(points, rows, {
    scale: {
      name: "value",
      type: "symlog",
      domain: { data: "rows", fields: ["low", "high", "seenLow", "seenHigh"] },
    },
    axis: { orient: "top", scale: "value", title: "value", values: ticksFor(rows.flatMap(Object.values)) },
    marks: [bar("low", "high"), line("seenLow", "seenHigh", palette.seen, 1.5)],
  });
}

/** 0 and ±1, ±10, … as far as the values reach: vega chooses no good ticks for a symmetric logarithmic axis. */
function ticksFor(values: readonly number[]): number[] {
  const powers = (limit: number) =>
    limit < 1 ? [] : Array.from({ length: Math.floor(Math.log10(limit)) + 1 }, (_, power) => 10 ** power);
  const below = powers(values.reduce((most, value) => Math.max(most, -value), 0));
  const above = powers(values.reduce((most, value) => Math.max(most, value), 0));
  return [...below.map((value) => -value).reverse(), 0, ...above];
}

/** From a weight's smallest channel scale to its largest, with the median. */
export function scaleChart(weights: readonly CalibratedPoint[]): Promise<string> {
  const rows = weights.map(({ scale }) => {
    const sorted = [...scale].sort((a, b) => a - b);
    return { low: sorted[0], middle: sorted[sorted.length >> 1], high: sorted[sorted.length - 1] };
  });
  return rowChart(weights, rows, {
    scale: { name: "value", type: "log", domain: { data: "rows", fields: ["low", "high"] }, nice: true },
    axis: { orient: "top", scale: "value", title: "scale", tickCount: 6 },
    marks: [line("low", "high", palette.chosen, 3), dot("middle")],
  });
}

type Drawn = { readonly scale: Scale; readonly axis: Axis; readonly marks: Mark[] };

/**
 * `rows` holds the numbers of the points, in the same order. Rows are placed by index, because names may be equal.
 */
function rowChart(
  points: readonly CalibratedPoint[],
  rows: readonly Record<string, number>[],
  { scale, axis, marks }: Drawn,
): Promise<string> {
  const rowDomain = { data: "rows", field: "row" };
  const names = points.map(({ name }) => name);
  return svgOf({
    width,
    height: rows.length * rowHeight,
    data: [{ name: "rows", values: rows.map((row, i) => ({ ...row, row: i })) }],
    scales: [
      { name: "row", type: "band", domain: rowDomain, range: "height", paddingInner: 0.3 },
      { name: "name", type: "ordinal", domain: rowDomain, range: names },
      { ...scale, range: "width" } as Scale,
    ],
    axes: [{ grid: true, format: ".6~g", labelOverlap: true, ...axis }, {
      orient: "left",
      scale: "row",
      ticks: false,
      encode: {
        labels: { update: { text: { signal: "scale('name', datum.value)" }, limit: { value: widestName } } },
      },
    }],
    marks,
  });
}

const across = (field: string) => ({ scale: "value", field });
const middle = { scale: "row", field: "row", band: 0.5 };

function line(low: string, high: string, colour: string, strokeWidth: number): Mark {
  const enter = { x: across(low), x2: across(high), y: middle };
  return {
    type: "rule",
    from: { data: "rows" },
    encode: { enter: { ...enter, stroke: { value: colour }, strokeWidth: { value: strokeWidth } } },
  };
}

function bar(low: string, high: string): Mark {
  const enter = {
    x: across(low),
    x2: across(high),
    y: { scale: "row", field: "row" },
    height: { scale: "row", band: 1 },
  };
  return {
    type: "rect",
    from: { data: "rows" },
    encode: { enter: { ...enter, fill: { value: palette.chosen }, fillOpacity: { value: 0.45 } } },
  };
}

function dot(field: string): Mark {
  return {
    type: "symbol",
    from: { data: "rows" },
    encode: { enter: { x: across(field), y: middle, fill: { value: palette.ink }, size: { value: 24 } } },
  };
}
