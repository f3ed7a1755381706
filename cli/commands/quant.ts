// halftone quant: the four runs of the Vitis AI quantizer's example scripts, with their options and their files.
import type { Command, Outcome } from "../command.ts";
import { openModel } from "../open.ts";
import { resolveConfig } from "../options/configuration.ts";
import { optional } from "../options/option.ts";
import { quantizeOptions } from "../options/quantize.ts";
import { dataOptions, modelOptions, quantModeOptions } from "../options/shared.ts";
import { misuse } from "../options/target.ts";
import { requireWritable } from "../output.ts";
import { deploys, type QuantFlags, quantizes, resolveTarget } from "../quant/flags.ts";
import { type QuantRun, runDeploy, runMode } from "../quant/modes.ts";
import { dataPaths, modelPath } from "../quant/paths.ts";
import { readQuantization } from "../steps/encodings.ts";
import { inspectModel } from "../steps/inspect.ts";
import { verifyOption } from "../steps/verify.ts";

export const quant: Command<QuantFlags> = {
  summary: "the four modes of the Vitis AI quantizer's scripts: --quant_mode float|calib|test, --deploy",
  options: [
    ...quantModeOptions,
    ...optional(modelOptions),
    ...optional(dataOptions),
    ...quantizeOptions,
    verifyOption,
  ],
  async run(given, terminal) {
    const { output: folder, outputDir = folder } = given;
    const flags = resolveTarget({ ...given, output: outputDir }, terminal);
    const { quantMode, inspect, output } = flags;
    const model = await openModel(await modelPath(flags));
    const data = await dataPaths(flags);
    if (data === undefined && !deploys(flags) && !inspect) {
      throw misuse("Cannot run quant: no data is given, expected --data_dir PATH or --data PATH");
    }
    if (quantMode !== "float" || inspect) await requireWritable(output);
    const run: QuantRun = {
      ...{ flags, model, terminal },
      config: quantizes(flags) ? await resolveConfig(flags, model, terminal) : undefined,
      quantization: quantMode === "test" ? await readQuantization(output, model) : undefined,
    };
    const outcomes: Outcome[] = [];
    if (inspect) outcomes.push(await runInspect(run));
    if (deploys(flags)) outcomes.push(await runDeploy(run));
    if (data) outcomes.push(await runMode(run, data));
    return outcomes.reduce(mergeOutcomes);
  },
};

async function runInspect({ flags, model, config }: QuantRun): Promise<Outcome> {
  const found = await inspectModel(flags.output, model, config!, {
    target: flags.target,
    level: flags.verboseLevel,
    image: flags.imageFormat,
  });
  const { outputs, ...inspection } = found.json;
  return { json: { inspection, outputs }, text: found.text };
}

function mergeOutcomes(before: Outcome, after: Outcome): Outcome {
  const outputs = [before, after].flatMap(({ json }) => json.outputs as string[]);
  const failure = before.failure ?? after.failure;
  return {
    json: { ...before.json, ...after.json, outputs },
    text: [before.text, after.text].filter(Boolean).join("\n\n"),
    failure,
  };
}
