// report.html: one self-contained page.
import type { Calibrated, CalibratedPoint, Evaluated, Finetuning } from "../files/results.ts";
import { methodColour, palette } from "./chart.ts";
import { histogramChart } from "./histogram_chart.ts";
import type { Report } from "./json.ts";
import { type Content, type Markup, markup, trustMarkup } from "./markup.ts";
import {
  bytesText,
  countText,
  decibelText,
  deviceText,
  percentText,
  secondsText,
  significant,
} from "./number.ts";
import { rangeChart, scaleChart } from "./row_chart.ts";
import { facts, key, section, tableOf } from "./section.ts";
import { style } from "./style.ts";

export async function reportHtml(report: Report): Promise<string> {
  const { calibration, evaluation, model } = report;
  const { points } = calibration;
  const title = `Quantization of ${model.file}`;
  const sections = [
    summary(report),
    evaluation && accuracy(evaluation),
    calibration.finetune && finetuning(calibration.finetune),
    warnings(calibration),
    floatNodesSection(calibration),
    await ranges(points),
    await spreads(points),
    await histograms(points),
    tensors(calibration),
    skippedFilesSection(report),
  ];
  const head = markup`<meta charset="utf-8"><title>${title}</title>${style}`;
  const body = markup`<main><h1>${title}</h1><p>Written by ${report.program}.</p>\n${sections}</main>`;
  return `<!DOCTYPE html>
<html lang="en">
<head>${head.markup}</head>
<body>${body.markup}</body>
</html>
`;
}

function summary({ calibration, model, exported, device, software }: Report): Markup {
  const { options, seconds } = calibration;
  const name = deviceText(device, software);
  const smaller = exported && `${significant(model.bytes / exported.bytes, 3)} times smaller`;
  return section(
    "Summary",
    "",
    facts([
      ["Device", software ? markup`<span class="notice">${name}</span>` : name],
      ["Images", String(calibration.images)],
      ["Method", options.method],
      ["Time", `${secondsText(seconds.total)}, of which ${secondsText(seconds.forward)} in the model`],
      [
        "Weights",
        `${options.weightBits} bits, ${
          options.perChannel ? "one scale per channel" : "one scale per tensor"
        }`,
      ],
      ["Activations", `${options.activationBits} bits, ${options.symmetric ? "symmetric" : "asymmetric"}`],
      ["Nodes", `${calibration.quantizedNodes} quantized, ${calibration.floatNodes.length} in float`],
      ["Preset", options.preset],
      ["Float model", bytesText(model.bytes)],
      exported && ["Quantized model", `${exported.file}, ${bytesText(exported.bytes)} (${smaller})`],
    ]),
  );
}

function accuracy(evaluation: Evaluated): Markup {
  const { agreement, device, float, images, logitsDifference, mode, outputs, outputSqnrDb, quantized } =
    evaluation;
  const notes = evaluation.notes ?? [];
  const several = outputs.length > 1 ? outputs : [];
  return section(
    "Accuracy",
    [`Both models on ${countText(images, "image")} (${mode}, ${device})`, ...notes, ""].join(". ").trim(),
    float && quantized && tableOf(["Model", { number: "Top-1" }, { number: "Top-5" }], [
      ["Float", percentText(float.top1), percentText(float.top5)],
      ["Quantized", percentText(quantized.top1), percentText(quantized.top5)],
    ]),
    tableOf(["Compared with the float model", { number: "" }], [
      ["Same first answer", percentText(agreement * 100)],
      ["Signal to quantization noise at the output", decibelText(outputSqnrDb)],
      ["Difference of the logits", significant(logitsDifference)],
      ...several.map(({ name, sqnrDb }) => [`Signal to quantization noise of ${name}`, decibelText(sqnrDb)]),
    ]),
  );
}

function finetuning({ method, images, heldOut, accepted, outputError, layers }: Finetuning): Markup {
  const share = (error: number | undefined) => error === undefined ? "" : percentText(error * 100);
  const kept = accepted ? "" : " The network's output error did not fall, so all layers are as calibrated.";
  return section(
    "Finetuning",
    `By ${method} on ${
      countText(images, "image")
    }. Errors are shares of the output's power; the network's went from ` +
      `${share(outputError.before)} to ${share(outputError.after)}${
        heldOut > 0 ? ` on ${countText(heldOut, "image")} held out` : ""
      }.${kept}`,
    tableOf(
      [
        "Layer",
        "Operator",
        { number: "Bits" },
        { number: "Before" },
        { number: "After" },
        "Remarks",
      ],
      layers.map((
        { name, type, bits, before, after, why, note },
      ) => [name, type, String(bits), share(before), share(after), remarks(why, note)]),
    ),
  );
}

function warnings({ warnings = [] }: Calibrated): Markup | undefined {
  if (warnings.length === 0) return undefined;
  return section("Warnings", "", tableOf(["What may be wrong"], warnings.map((warning) => [warning])));
}

function remarks(why: string | undefined, note: string | undefined): string {
  return [why && `left as calibrated: ${why}`, note].filter(Boolean).join("; ");
}

function floatNodesSection({ floatNodes }: Calibrated): Markup {
  if (floatNodes.length === 0) return section("Left in float", "No node.");
  const rows = floatNodes.map(({ name, type, why }) => [name, type, why]);
  return section("Left in float", "", tableOf(["Node", "Operator", "Why"], rows));
}

async function ranges(points: readonly CalibratedPoint[]): Promise<Markup | undefined> {
  const activations = points.filter((point) => point.kind === "activation");
  if (activations.length === 0) return undefined;
  return section(
    "Ranges of the activations",
    "A line is what was seen, a bar is what the codes cover: values beyond it saturate.",
    key([[palette.seen, "seen"], [palette.chosen, "chosen"]]),
    markup`<div class="wide">${trustMarkup(await rangeChart(activations))}</div>`,
  );
}

async function spreads(points: readonly CalibratedPoint[]): Promise<Markup | undefined> {
  const weights = points.filter((point) => point.kind === "weight" && point.scale.length > 1);
  if (weights.length === 0) return undefined;
  return section(
    "Scales of the weights",
    "From the smallest channel scale to the largest; the dot is the median. A long line is a layer that " +
      "one scale for the whole tensor would harm.",
    markup`<div class="wide">${trustMarkup(await scaleChart(weights))}</div>`,
  );
}

async function histograms(points: readonly CalibratedPoint[]): Promise<Markup | undefined> {
  const figures: Markup[] = [];
  for (const point of points) {
    const { histogram, kind, name } = point;
    if (kind !== "activation" || !histogram) continue;
    const picture = trustMarkup(await histogramChart({ ...point, histogram }));
    figures.push(markup`<figure>${picture}<figcaption>${name}</figcaption></figure>\n`);
  }
  if (figures.length === 0) return undefined;
  const methods = methodsOf(points).map((method) => [methodColour(method), method] as const);
  return section(
    "Values of the activations",
    "How often each value occurs, on a logarithmic scale. The chosen range is shaded; lines are the ends " +
      "that each method would choose.",
    key([[`${palette.chosen}33`, "chosen"], ...methods]),
    markup`<div class="grid">${figures}</div>`,
  );
}

function methodsOf(points: readonly CalibratedPoint[]): string[] {
  return [...new Set(points.flatMap((point) => Object.keys(point.methods ?? {})))];
}

function tensors({ points, options }: Calibrated): Markup {
  const methods = methodsOf(points);
  const numbers = [
    "Range",
    "Scale",
    "Zero point",
    ...methods.map((name) => name === options.method ? `${name} (chosen)` : name),
  ];
  const row = (point: CalibratedPoint): Content[] => [
    point.name,
    point.kind,
    rangeText(point.low, point.high),
    severalText(point.scale, 4),
    severalText(point.zeroPoint, 6),
    ...methods.map((name) => {
      const range = point.methods?.[name];
      return range && rangeText(range.low, range.high);
    }),
  ];
  return section(
    "Quantized tensors",
    "Scale and zero point in use, and the range that each method would choose. With a scale for each " +
      "channel, the smallest and the largest are shown.",
    tableOf(["Tensor", "Kind", ...numbers.map((number) => ({ number }))], points.map(row)),
  );
}

function rangeText(low: number, high: number): string {
  return `${significant(low, 3)} … ${significant(high, 3)}`;
}

function severalText(values: readonly number[], digits: number): string {
  if (values.length === 1) return significant(values[0], digits);
  const [low, high] = values.reduce(([low, high], x) => [Math.min(low, x), Math.max(high, x)], [
    Infinity,
    -Infinity,
  ]);
  return `${significant(low, digits)} … ${significant(high, digits)}`;
}

function skippedFilesSection({ skipped }: Report): Markup | undefined {
  if (skipped.length === 0) return undefined;
  const rows = skipped.map(({ file, why }) => [file, why]);
  return section(
    "Files left out",
    `${countText(skipped.length, "file")} could not be read.`,
    tableOf(["File", "Why"], rows),
  );
}
