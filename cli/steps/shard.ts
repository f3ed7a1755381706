// calib --shard: writes the statistics of one shard of the data; merge reads them.
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { Dataset, Shard } from "../../src/dataset/mod.ts";
import { ModelError, withinAsync } from "../../src/error.ts";
import type { NamedShard } from "../../src/files/join_shards.ts";
import { parseShard, type ShardFile, shardJson } from "../../src/files/shard.ts";
import type { Machine } from "../../src/plan/machine.ts";
import { countText } from "../../src/report/number.ts";
import type { Outcome } from "../command.ts";
import type { ResolvedConfig } from "../options/configuration.ts";
import { modelDigest, textDigest } from "./digest.ts";
import { library, type Model } from "../open.ts";
import { filesText, writeText, type WrittenFile } from "../output.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { version } from "../../src/storage/version.ts";

type ShardInputs = {
  readonly model: Model;
  readonly dataset: Dataset;
  readonly machine: Machine;
  readonly config: ResolvedConfig;
  readonly shard: Shard;
};

export async function measureShard(
  folder: string,
  inputs: ShardInputs,
  terminal: Terminal,
): Promise<Outcome> {
  const { model, dataset, machine, config, shard } = inputs;
  const { measure } = await library();
  const progress = terminal.progress("Calibrating");
  const measured = await measure(model.graph, dataset, machine, config.options, progress.update)
    .finally(progress.finish);
  const body = shardJson({
    ...shard,
    version: version(),
    model: { path: resolve(model.path), digest: await modelDigest(model.path, model.graph) },
    dataset: { samples: dataset.total, digest: textDigest(dataset.identity().join("\n")) },
    options: config.options,
    effective: config.effective,
    notes: config.notes,
    ...measured,
    device: machine.description,
    software: machine.software,
    skipped: dataset.skipped(),
  });
  const file = await writeShard(folder, shard, body);
  return {
    json: {
      shard: `${shard.index}/${shard.of}`,
      images: measured.images,
      device: machine.description,
      outputs: [file.path],
    },
    text: `Shard ${shard.index} of ${shard.of}: ${countText(measured.images, "image")}\n\n${
      filesText([file])
    }`,
    next:
      `Next: once all ${shard.of} shards are there, run "halftone merge ${folder}/shard-*-of-${shard.of}.json"`,
  };
}

function writeShard(
  folder: string,
  { index, of }: Shard,
  body: Record<string, unknown>,
): Promise<WrittenFile> {
  const text = JSON.stringify(body);
  const file = JSON.stringify({ sha256: textDigest(text), statistics: body });
  return writeText(folder, `shard-${index}-of-${of}.json`, `${file}\n`);
}

/** @throws ModelError naming the file if it is truncated, damaged or something else. */
export async function readShard(file: string): Promise<NamedShard> {
  const shard = await withinAsync(file, async () => parseShardFile(await readFile(file, "utf8")));
  return { file, shard };
}

function parseShardFile(text: string): ShardFile {
  let file: unknown;
  try {
    file = JSON.parse(text);
  } catch (cause) {
    throw new ModelError(
      `Cannot read the statistics: ${
        (cause as Error).message
      }, expected a file written by halftone calib --shard; ` +
        "run that shard again",
      { cause },
    );
  }
  const { sha256, statistics } = Object(file) as { sha256?: unknown; statistics?: unknown };
  if (statistics === undefined) return parseShard(file);
  if (textDigest(JSON.stringify(statistics)) !== sha256) {
    throw new ModelError(
      "Cannot read the statistics: their SHA-256 differs from the one in the file, which was damaged or edited; " +
        "run that shard again",
    );
  }
  return parseShard(statistics);
}
