// TorchScript files in torch, beside halftone's evaluation: the same samples, top-1 of both, and where results differ.
import { Option } from "commander";
import type { Graph } from "../src/graph/graph.ts";
import { calibrate, exportAs, quantize } from "../src/mod.ts";
import type { Batch, Machine, Outputs } from "../src/plan/machine.ts";
import { exportFormRow } from "../src/quantize/forms/all.ts";
import { runner } from "../src/run/runner.ts";
import { floats } from "../src/tensor/tensor.ts";
import type { Bench, SharedFlags } from "./bench.ts";
import { Comparison, realElements } from "./comparison.ts";
import { type OpenedModel, openModel, selectModels } from "./models.ts";
import { runInTorch, torchVersion } from "./peers/torch.ts";
import type { Report, Row } from "./report.ts";

const presets = ["ort-cpu", "dpu"] as const;
type Preset = (typeof presets)[number];
type Flags = SharedFlags & { readonly python: string };

/** Answers that are halftone's own: one in a hundred may be near a tie. */
const leastAgreementPercent = 99;

export const torchscript: Bench<Flags> = {
  summary: "TorchScript files in torch: top-1 beside eval, and where results differ",
  options: [new Option("--python <FILE>", "interpreter that has torch").env("PYTHON").default("python3")],
  timed: false,
  async run(machine, flags, report) {
    const version = torchVersion(flags.python);
    if (version === undefined) {
      report.note(
        `Cannot run TorchScript files: "${flags.python}" has no torch; --python names one that has`,
      );
      return false;
    }
    const rows: Row[] = [];
    for (const chosen of selectModels(flags.only)) {
      const model = await openModel(chosen, flags.shared);
      for (const preset of presets) rows.push(await rowOf(model, preset, machine, flags, report));
    }
    report.table(`TorchScript in torch ${version}`, rows);
    return rows.every(({ verdict }) => verdict === "kept");
  },
};

async function rowOf(
  model: OpenedModel,
  preset: Preset,
  machine: Machine,
  { images, python }: Flags,
  report: Report,
): Promise<Row> {
  report.note(`${model.name}, ${preset}`);
  const data = await model.open(model.calibration, images);
  const { graph: float, encodings } = await calibrate(model.graph, data, machine, { preset });
  const quantized = quantize(float, encodings);
  // The graph from which the code is written: of a DPU's encodings, the device's own arithmetic.
  const form = exportAs("torchscript", quantized);
  const archive = exportFormRow("torchscript").file!.encode(form);
  const batches: Batch[] = [];
  for await (const batch of (await model.open(model.evaluation, images)).batches()) batches.push(batch);
  const answers = runInTorch(
    python,
    batches.map(({ feeds }) => ({ archive, inputs: model.graph.inputs.map((name) => feeds.get(name)!) })),
  );
  const inTorch = answers.map((answer): Outputs => {
    if ("error" in answer) throw new Error(`${model.name} in torch: ${answer.error}`);
    return new Map(answer.results.map((result, i) => [form.outputs[i], result]));
  });
  const evaluated = await outputsOf(quantized, batches, machine);
  const expected = preset === "dpu" ? await outputsOf(form, batches, machine) : evaluated;
  const top1 = [evaluated, inTorch].map((outputs) => compare(model, batches, expected, outputs));
  return {
    model: model.name,
    preset,
    images: batches.reduce((sum, { count }) => sum + count, 0),
    archive_bytes: archive.length,
    eval_top1_percent: top1[0].top1,
    torch_top1_percent: top1[1].top1,
    agreement_percent: top1[1].agreementPercent,
    ...differences(expected, inTorch),
    verdict: top1[1].agreementPercent >= leastAgreementPercent ? "kept" : "missed",
  };
}

async function outputsOf(graph: Graph, batches: readonly Batch[], machine: Machine): Promise<Outputs[]> {
  const run = runner(machine, graph);
  try {
    const all: Outputs[] = [];
    for (const { feeds } of batches) all.push(await run(feeds));
    return all;
  } finally {
    run.release();
  }
}

function compare(
  model: OpenedModel,
  batches: readonly Batch[],
  expected: Outputs[],
  found: Outputs[],
): Comparison {
  const comparison = new Comparison(model.classes);
  const [name] = model.graph.outputs;
  batches.forEach((batch, i) =>
    comparison.add(
      realElements(expected[i], name, batch),
      realElements(found[i], name, batch),
      batch.labels,
    )
  );
  return comparison;
}

/** Over all outputs; a value differs if it does so by more than 10⁻⁵ of the largest, the noise of sums in float32. */
function differences(expected: readonly Outputs[], found: readonly Outputs[]): Row {
  let [largest, most, count, differing] = [0, 0, 0, 0];
  for (const outputs of expected) {
    for (const output of outputs.values()) {
      for (const value of floats(output)) largest = Math.max(largest, Math.abs(value));
    }
  }
  expected.forEach((outputs, i) => {
    for (const [name, output] of outputs) {
      const [left, right] = [floats(output), floats(found[i].get(name)!)];
      count += left.length;
      for (let k = 0; k < left.length; k++) {
        const difference = Math.abs(left[k] - right[k]);
        most = Math.max(most, difference);
        if (difference > 1e-5 * largest) differing++;
      }
    }
  });
  return { largest_output: largest, max_difference: most, differing, values: count };
}
