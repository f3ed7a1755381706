// Box plots: minimum, quartiles and maximum of the numbers of each name, and each number as a dot.
import type { Mark } from "vega";
import { methodColour, palette, svgOf } from "./chart.ts";

export type BoxRow = { readonly name: string; readonly values: readonly number[] };

const width = 520;
const rowHeight = 36;

/** Quartiles by linear interpolation between neighbours, as in NumPy. */
export function quartilesOf(values: readonly number[]): readonly [number, number, number, number, number] {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number) => {
    const place = share * (sorted.length - 1);
    const below = Math.floor(place);
    const above = Math.min(below + 1, sorted.length - 1);
    return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
  };
  return [at(0), at(0.25), at(0.5), at(0.75), at(1)];
}

export function boxChart(rows: readonly BoxRow[], title: string): Promise<string> {
  const boxes = rows.map(({ name, values }) => {
    const [least, lower, middle, upper, most] = quartilesOf(values);
    return { name, least, lower, middle, upper, most, colour: methodColour(name) };
  });
  const dots = rows.flatMap(({ name, values }) => values.map((value) => ({ name, value })));
  return svgOf({
    width,
    height: rows.length * rowHeight,
    data: [{ name: "boxes", values: boxes }, { name: "dots", values: dots }],
    scales: [
      {
        name: "value",
        domain: { data: "boxes", fields: ["least", "most"] },
        range: "width",
        zero: false,
        nice: true,
        padding: 8,
      },
      {
        name: "row",
        type: "band",
        domain: { data: "boxes", field: "name" },
        range: "height",
        paddingInner: 0.4,
      },
    ],
    axes: [
      { orient: "bottom", scale: "value", title, grid: true },
      { orient: "left", scale: "row", ticks: false },
    ],
    marks: [span("least", "most", 0.48, 0.04, 1), span("lower", "upper", 0, 1, 0.35), middle, dot],
  });
}

/** A bar that covers a share of the row's height. */
function span(from: string, to: string, top: number, share: number, opacity: number): Mark {
  return {
    type: "rect",
    from: { data: "boxes" },
    encode: {
      enter: {
        x: { scale: "value", field: from },
        x2: { scale: "value", field: to },
        y: { scale: "row", field: "name", offset: { scale: "row", band: top } },
        height: { scale: "row", band: share },
        fill: { field: "colour" },
        fillOpacity: { value: opacity },
      },
    },
  };
}

const middle: Mark = {
  type: "rect",
  from: { data: "boxes" },
  encode: {
    enter: {
      xc: { scale: "value", field: "middle" },
      width: { value: 2 },
      y: { scale: "row", field: "name" },
      height: { scale: "row", band: 1 },
      fill: { field: "colour" },
    },
  },
};

const dot: Mark = {
  type: "symbol",
  from: { data: "dots" },
  encode: {
    enter: {
      x: { scale: "value", field: "value" },
      y: { scale: "row", field: "name", band: 0.5 },
      size: { value: 14 },
      fill: { value: palette.ink },
    },
  },
};
