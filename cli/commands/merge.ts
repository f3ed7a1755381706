// halftone merge: the statistics of all shards become one calibration, as if one run had seen all the data.
import { ConfigError } from "../../src/error.ts";
import type { EffectiveConfig } from "../../src/mod.ts";
import { joinShards } from "../../src/files/join_shards.ts";
import { calibrationFields, calibrationText, reportOf, writeEncodings, writeReport } from "./calib.ts";
import type { Command } from "../command.ts";
import { modelDigest } from "../steps/digest.ts";
import { library, openModel } from "../open.ts";
import { optionalModelOption, outputOption, type SharedFlags } from "../options/shared.ts";
import { filesText, requireWritable, shellWord } from "../output.ts";
import { readShard } from "../steps/shard.ts";

type Flags = SharedFlags & {
  readonly files: readonly string[];
  readonly model?: string;
  readonly output: string;
};

export const merging: Command<Flags> = {
  summary: "join the statistics of calib --shard into one calibration",
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
    for (const { file, why } of joined.skipped) terminal.detail(`Left out by a shard: ${file}: ${why}`);
    const { skipped, software, devices } = joined;
    const settings = {
      options: calibration.options,
      effective: joined.effective as EffectiveConfig,
      notes: joined.notes,
    };
    const seen = { device: devices.join(", "), software, skipped };
    const report = reportOf(model, seen, calibration, settings);
    const files = [
      ...await writeEncodings(flags.output, model, calibration),
      ...await writeReport(flags.output, report),
    ];
    const again = `--model ${shellWord(model.path)} --output ${shellWord(flags.output)}`;
    return {
      json: {
        ...calibrationFields(report),
        shards: flags.files.length,
        outputs: files.map(({ path }) => path),
      },
      text: `${calibrationText(report)}\n\n${filesText(files)}`,
      next: `Next: "halftone export ${again}" writes the quantized model`,
    };
  },
};
