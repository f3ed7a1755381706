// methods.html: the accuracy of each range method on each draw of calibration data, as one self-contained page.
import type { Evaluated } from "../files/results.ts";
import { boxChart } from "./box_chart.ts";
import { markup, trustMarkup } from "./markup.ts";
import { decibelText, percentText } from "./number.ts";
import { section, tableOf } from "./section.ts";
import { style } from "./style.ts";

/** One method's results, one per draw. */
export type MethodDraws = { readonly method: string; readonly evaluations: readonly Evaluated[] };

export async function methodsHtml(file: string, methods: readonly MethodDraws[]): Promise<string> {
  const rowsBy = (pick: (one: Evaluated) => number | undefined) =>
    methods.map(({ method, evaluations }) => ({
      name: method,
      values: evaluations.map(pick).filter((value) =>
        value !== undefined && Number.isFinite(value)
      ) as number[],
    })).filter(({ values }) => values.length > 0);
  const charts = [
    ["Top-1, %", rowsBy(({ quantized }) => quantized?.top1)],
    ["Same first answer, %", rowsBy(({ agreement }) => 100 * agreement)],
    ["Output SQNR, dB", rowsBy(({ outputSqnrDb }) => outputSqnrDb)],
  ] as const;
  const drawn = await Promise.all(
    charts.map(async ([title, rows]) => rows.length ? trustMarkup(await boxChart(rows, title)) : ""),
  );
  const lines = methods.flatMap(({ method, evaluations }) =>
    evaluations.map(({ quantized, agreement, outputSqnrDb }, i) => [
      method,
      String(i + 1),
      quantized ? percentText(quantized.top1) : "",
      percentText(100 * agreement),
      decibelText(outputSqnrDb),
    ])
  );
  const number = (text: string) => ({ number: text });
  const headings = ["Method", number("Draw"), number("Top-1"), number("Same answer"), number("SQNR")];
  const note = "Box: the middle half of the draws. Line: the median. Dots: the draws.";
  const body = markup`<main><h1>Methods on ${file}</h1>
${section("Draws", note, ...drawn)}${section("Numbers", "", tableOf(headings, lines))}</main>`;
  const head = markup`<meta charset="utf-8"><title>Methods on ${file}</title>${style}`;
  return `<!DOCTYPE html>
<html lang="en">
<head>${head.markup}</head>
<body>${body.markup}</body>
</html>
`;
}
