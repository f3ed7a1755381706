// halftone merge: merges the statistics of all shards into one calibration, as if one run had seen all the data.
import { ConfigError } from "../../src/error.ts";
import { joinShards } from "../../src/files/join_shards.ts";
import type { EffectiveConfig } from "../../src/mod.ts";
import type { Command } from "../command.ts";
import { library, openModel } from "../open.ts";
import { optionalModelOption, outputOption, type SharedFlags } from "../options/shared.ts";
import { requireWritable, shellWord } from "../output.ts";
import { writeCalibration } from "../steps/calibrate.ts";
import { modelDigest } from "../steps/digest.ts";
import { readShard } from "../steps/shard.ts";

type Flags = SharedFlags & {
  readonly files: readonly string[];
  readonly model?: string;
  readonly output: string;
};

export const merging: Command<Flags> = {
  summary: "merge the statistics of calib --shard into one calibration",
  files: "the files of all shards, in any order",
  options: [optionalModelOption, outputOption],
  async run(flags, terminal) {
    await requireWritable(flags.output);
    const joined = joinShards(await Promise.all(flags.files.map(readShard)));
    const model = await openModel(flags.model ?? joined.model.path);
    if (await modelDigest(model.path, model.graph) !== joined.model.digest) {
      throw new ConfigError(
        `Cannot merge: "${model.path}" is not the model of the shards; pass the one that was calibrated as --model`,
      );
    }
    const { calibrateFrom } = await library();
    const calibration = calibrateFrom(model.graph, joined, joined.options);
    for (const { file, why } of joined.skipped) terminal.detail(`Skipped by a shard: ${file}: ${why}`);
    const { skipped, software, devices } = joined;
    const config = {
      options: calibration.options,
      effective: joined.effective as EffectiveConfig,
      notes: joined.notes,
    };
    const provenance = { device: devices.join(", "), software, skipped };
    const { json, text } = await writeCalibration(flags.output, model, provenance, calibration, config);
    const paths = `--model ${shellWord(model.path)} --output ${shellWord(flags.output)}`;
    return {
      json: { ...json, shards: flags.files.length },
      text,
      next: `Next: "halftone export ${paths}" writes the quantized model`,
    };
  },
};
