// halftone calib: measures ranges on data and chooses encodings.
import type { Dataset } from "../../src/dataset/mod.ts";
import { ConfigError } from "../../src/error.ts";
import type { Command } from "../command.ts";
import { type Model, noteSkipped, openData, openModel, withMachine } from "../open.ts";
import { resolveConfig } from "../options/configuration.ts";
import { type QuantizeFlags, quantizeOptions } from "../options/quantize.ts";
import { type DataFlags, dataOptions, type DrawFlags, drawsOption } from "../options/shared.ts";
import { type ModelFlags, modelOptions } from "../options/shared.ts";
import { type ShardFlags, shardOption, type SharedFlags } from "../options/shared.ts";
import { type TargetFlags, targetOption, withTarget } from "../options/target.ts";
import { requireWritable, shellWord } from "../output.ts";
import { calibrateModel, provenanceOf, writeCalibration } from "../steps/calibrate.ts";
import { compareAllMethods } from "../steps/compare_methods.ts";
import { measureShard } from "../steps/shard.ts";

type Flags =
  & SharedFlags
  & ModelFlags
  & DataFlags
  & QuantizeFlags
  & TargetFlags
  & ShardFlags
  & DrawFlags;

export const calib: Command<Flags> = {
  summary: "measure ranges on data and choose encodings: quant_info.json and a report",
  options: [...modelOptions, ...dataOptions, shardOption, drawsOption, ...quantizeOptions, targetOption],
  async run(given, terminal) {
    const flags = withTarget(given, terminal);
    await requireWritable(flags.output);
    const model = await openModel(flags.model);
    const comparesMethods = flags.method === "all";
    const config = await resolveConfig(
      comparesMethods ? { ...flags, method: undefined } : flags,
      model,
      terminal,
    );
    const dataset = await openData(model, flags);
    return withMachine(flags, terminal, async (machine) => {
      const { shard } = flags;
      if (comparesMethods) {
        const [draws, evalData] = await openDraws(flags, model, dataset);
        return compareAllMethods(flags.output, { machine, model, config, draws, evalData });
      }
      if (shard) return measureShard(flags.output, { model, dataset, machine, config, shard }, terminal);
      const calibration = await calibrateModel(machine, model, dataset, flags, config, terminal);
      noteSkipped(dataset, terminal);
      const provenance = provenanceOf(machine, dataset);
      const written = await writeCalibration(flags.output, model, provenance, calibration, config);
      const paths = `--model ${shellWord(flags.model)} --output ${shellWord(flags.output)}`;
      return {
        ...written,
        next: `Next: "halftone export ${paths}" writes the quantized model, ` +
          `"halftone eval ${paths} --data PATH" compares it with the float model`,
      };
    });
  },
};

/**
 * The calibration data of each draw, by consecutive seeds, and the data to evaluate on: all of it if there are several.
 */
async function openDraws(flags: Flags, model: Model, dataset: Dataset): Promise<[Dataset[], Dataset]> {
  const { draws = 1, subsetLen, seed } = flags;
  if (draws === 1) return [[dataset], dataset];
  if (subsetLen === undefined) {
    throw new ConfigError(
      "Cannot draw several subsets: --draws needs --subset-len N, the number of images per draw",
    );
  }
  const others = Array.from(
    { length: draws - 1 },
    (_, i) => openData(model, { ...flags, seed: seed + i + 1 }),
  );
  const evalData = await openData(model, { ...flags, subsetLen: undefined });
  return [[dataset, ...await Promise.all(others)], evalData];
}
