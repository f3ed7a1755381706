// Charts as SVG, drawn by vega without a canvas or a browser.
import { rangeMethodRows } from "../calibrate/range_methods.ts";
import { parse, type Spec, View } from "vega";

export const palette = {
  ink: "#22303c",
  faint: "#c9d1d9",
  grid: "#eef1f4",
  chosen: "#1f6feb",
  seen: "#6e7781",
} as const;

/** The colour of a method's ends in every chart. */
export function methodColour(method: string): string {
  return rangeMethodRows.find(({ name }) => name === method)?.colour ?? palette.ink;
}

const config: Spec["config"] = {
  axis: {
    labelColor: palette.ink,
    titleColor: palette.ink,
    labelFontSize: 11,
    titleFontSize: 12,
    titleFontWeight: 500,
    domainColor: palette.faint,
    tickColor: palette.faint,
    gridColor: palette.grid,
  },
};

export function svgOf(spec: Spec): Promise<string> {
  return new View(parse({ config, padding: 5, ...spec }), { renderer: "none" }).toSVG();
}
