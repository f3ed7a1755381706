// report.html: one self-contained page.
import type { Calibrated, CalibratedPoint, Evaluated, TopK } from "../formats/results.ts";
import { methodColour, palette } from "./chart.ts";
import { histogramChart } from "./histogram_chart.ts";
import type { Report } from "./json.ts";
import { html, type Markup, trusted } from "./markup.ts";
import {
  bytesText,
  counted,
  decibelText,
  deviceText,
  percentText,
  secondsText,
  significant,
} from "./number.ts";
import { rangeChart, scaleChart } from "./row_chart.ts";
import { style } from "./style.ts";

export async function reportHtml(report: Report): Promise<string> {
  const { calibration, evaluation, model } = report;
  const charts = [
    await ranges(calibration.points),
    await spreads(calibration.points),
    await histograms(calibration.points),
  ];
  const page = html`
    <!DOCTYPE html>
    <html lang="en">
      <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Quantization of ${model.file}</title>
    ${style}
      </head>
      <body>
        <main>
    <h1>Quantization of ${model.file}</h1>
    <p>Written by ${report.program}.</p>
    ${summary(report)}
    ${evaluation && accuracy(evaluation)}
    ${leftInFloat(calibration)}
    ${charts}
    ${pointTable(calibration)}
    ${skipped(report)}
        </main>
      </body>
    </html>
  `;
  return page.markup;
}

function summary({ calibration, model, exported, device, software }: Report): Markup {
  const { options, seconds } = calibration;
  const smaller = exported && ` (${significant(model.bytes / exported.bytes, 3)} times smaller)`;
  const entry = (term: string, text: string | Markup) =>
    html`
      <div>
        <dt>${term}</dt>
        <dd>${text}</dd>
      </div>\\n
    `;
  return html`
    <section>
      <h2>Summary</h2>
      <dl>
    ${entry(
      "Device",
      html`<span${trusted(software ? ' class="notice"' : "")}>${deviceText(device, software)}</span>`,
    )}
    ${entry("Images", String(calibration.images))}
    ${entry("Method", options.method)}
    ${entry("Time", `${secondsText(seconds.total)}, of which ${secondsText(seconds.forward)} in the model`)}
    ${entry(
      "Weights",
      `${options.weightBits} bits, ${options.perChannel ? "a scale for each channel" : "one scale a tensor"}`,
    )}
    ${entry(
      "Activations",
      `${options.activationBits} bits, ${options.symmetric ? "symmetric" : "asymmetric"}`,
    )}
    ${entry("Nodes", `${calibration.quantizedNodes} quantized, ${calibration.floatNodes.length} in float`)}
    ${entry("Preset", options.preset)}
    ${entry("Float model", bytesText(model.bytes))}
    ${exported && entry("Quantized model", `${exported.file}, ${bytesText(exported.bytes)}${smaller}`)}
      </dl>
    </section>
  `;
}

function accuracy(evaluation: Evaluated): Markup {
  const { float, quantized } = evaluation;
  const row = (name: string, top: TopK) =>
    html`
      <tr>
        <td>${name}</td>
        <td class="number">${percentText(top.top1)}</td>
        <td class="number">${percentText(top.top5)}</td>
      </tr>\\n
    `;
  return html`<section>
<h2>Accuracy</h2>
<p>Both models on ${counted(evaluation.images, "image")} (${evaluation.mode}, ${evaluation.device}).</p>
${
    float && quantized && html`<table>
<tr><th>Model</th><th class="number">Top-1</th><th class="number">Top-5</th></tr>
${row("Float", float)}${row("Quantized", quantized)}</table>`
  }
<table>
<tr><th>Compared with the float model</th><th class="number"></th></tr>
<tr><td>Same first answer</td><td class="number">${percentText(evaluation.agreement * 100)}</td></tr>
<tr><td>Signal to quantization noise at the output</td><td class="number">${
    decibelText(evaluation.outputSqnrDb)
  }</td></tr>
<tr><td>Mean difference of the logits</td><td class="number">${
    significant(evaluation.logitsDifference)
  }</td></tr>
${
    evaluation.outputs.length < 2 ? undefined : evaluation.outputs.map(({ name, sqnrDb }) =>
      html`
        <tr>
          <td class="name">SQNR of ${name}</td>
          <td class="number">${decibelText(sqnrDb)}</td>
        </tr>\\n
      `
    )
  }
</table>
</section>`;
}

function leftInFloat({ floatNodes }: Calibrated): Markup {
  if (floatNodes.length === 0) {
    return html`
      <section>
        <h2>Left in float</h2>
        <p>No node.</p>
      </section>
    `;
  }
  return html`
    <section>
      <h2>Left in float</h2>
      <div class="wide">
        <table>
    <tr><th>Node</th><th>Operator</th><th>Why</th></tr>
    ${floatNodes.map(({ name, type, why }) =>
      html`
        <tr>
          <td class="name">${name}</td>
          <td>${type}</td>
          <td>${why}</td>
        </tr>\\n
      `
    )}</table>
      </div>
    </section>
  `;
}

function key(entries: readonly (readonly [colour: string, text: string])[]): Markup {
  return html`<div class="key">${
    entries.map(([colour, text]) => html`<span><i style="background:${colour}"></i>${text}</span>`)
  }</div>`;
}

async function ranges(points: readonly CalibratedPoint[]): Promise<Markup | undefined> {
  const activations = points.filter((point) => point.kind === "activation");
  if (activations.length === 0) return undefined;
  return html`<section>
<h2>Ranges of the activations</h2>
<p>A line is what was seen, a bar is what the codes cover: values beyond the bar saturate. In the order of the model.</p>
${key([[palette.seen, "seen"], [palette.chosen, "chosen"]])}
<div class="wide">${trusted(await rangeChart(activations))}</div>
</section>`;
}

async function spreads(points: readonly CalibratedPoint[]): Promise<Markup | undefined> {
  const weights = points.filter((point) => point.kind === "weight" && point.scale.length > 1);
  if (weights.length === 0) return undefined;
  return html`
    <section>
      <h2>Scales of the weights</h2>
      <p>From the smallest channel scale to the largest; the dot is the median. A long line is a layer that one scale for
    the whole tensor would harm.</p>
      <div class="wide">${trusted(await scaleChart(weights))}</div>
    </section>
  `;
}

async function histograms(points: readonly CalibratedPoint[]): Promise<Markup | undefined> {
  const figures: Markup[] = [];
  for (const point of points) {
    const { histogram, kind } = point;
    if (kind !== "activation" || !histogram) continue;
    const picture = trusted(await histogramChart({ ...point, histogram }));
    figures.push(html`<figure>${picture}<figcaption>${point.name}</figcaption></figure>\n`);
  }
  if (figures.length === 0) return undefined;
  const methods = methodsOf(points).map((method) => [methodColour(method), method] as const);
  return html`<section>
<h2>Values of the activations</h2>
<p>How often each value occurs, on a logarithmic scale. The chosen range is shaded; lines are the ends that each method
would choose.</p>
${key([[`${palette.chosen}33`, "chosen"], ...methods])}
<div class="grid">
${figures}</div>
</section>`;
}

function methodsOf(points: readonly CalibratedPoint[]): string[] {
  return [...new Set(points.flatMap((point) => Object.keys(point.methods ?? {})))];
}

function pointTable({ points, options }: Calibrated): Markup {
  const methods = methodsOf(points);
  const range = (low: number, high: number) => `${significant(low, 3)} … ${significant(high, 3)}`;
  const several = (values: readonly number[], digits: number) =>
    values.length === 1
      ? significant(values[0], digits)
      : `${significant(Math.min(...values), digits)} … ${significant(Math.max(...values), digits)}`;
  const heading = (method: string) => method === options.method ? `${method} (chosen)` : method;
  return html`
    <section>
      <h2>Quantized tensors</h2>
      <p>Scale and zero point in use, and the range that each method would choose. Where there is one scale for each channel,
    the smallest and the largest are shown.</p>
      <div class="wide">
        <table>
    <tr><th>Tensor</th><th>Kind</th><th class="number">Range</th><th class="number">Scale</th><th class="number">Zero point</th>${methods
      .map((method) => html`<th class="number">${heading(method)}</th>`)}</tr>
    ${points.map((point) =>
      html`<tr><td class="name">${point.name}</td><td>${point.kind}</td><td class="number">${
        range(point.low, point.high)
      }</td><td class="number">${several(point.scale, 4)}</td><td class="number">${
        several(point.zeroPoint, 6)
      }</td>${
        methods.map((method) => {
          const chosen = point.methods?.[method];
          return html`<td class="number">${chosen && range(chosen.low, chosen.high)}</td>`;
        })
      }</tr>\n`
    )}</table>
      </div>
    </section>
  `;
}

function skipped(report: Report): Markup | undefined {
  if (report.skipped.length === 0) return undefined;
  return html`
    <section>
      <h2>Files left out</h2>
      <p>${counted(report.skipped.length, "file")} could not be read.</p>
      <table>
    <tr><th>File</th><th>Why</th></tr>
    ${report.skipped.map(({ file, why }) =>
      html`
        <tr>
          <td class="name">${file}</td>
          <td>${why}</td>
        </tr>\\n
      `
    )}</table>
    </section>
  `;
}
