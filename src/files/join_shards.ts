// Merges the shards of one calibration, exactly and in any order: histograms are monoids (src/calibrate/histogram.ts).
// Shards of different calibrations, and incomplete sets, are rejected.
import { type Histogram, merge } from "../calibrate/histogram.ts";
import { ConfigError } from "../error.ts";
import type { ShardFile } from "./shard.ts";

export type NamedShard = { readonly file: string; readonly shard: ShardFile };

/** The merged measurements; everything else is taken from the first shard. */
export type Joined =
  & Pick<ShardFile, "model" | "options" | "effective" | "notes" | "skipped" | "histograms">
  & {
    readonly images: number;
    /** Of all sweeps: machine time, not waiting time. */
    readonly seconds: number;
    readonly devices: readonly string[];
    readonly software: boolean;
  };

/** @throws ConfigError naming two files of different calibrations, or the missing or duplicate shards. */
export function joinShards(shards: readonly NamedShard[]): Joined {
  if (shards.length === 0) {
    throw new ConfigError("Cannot merge: no file is given, expected those of calib --shard");
  }
  // In the shards' order, so that the order of the files does not matter.
  const all = [...shards].sort((a, b) => a.shard.index - b.shard.index);
  for (const other of all.slice(1)) requireAlike(all[0], other);
  requireEach(all);
  const parts = all.map(({ shard }) => shard);
  const [first] = parts;
  return {
    model: first.model,
    options: first.options,
    effective: first.effective,
    notes: first.notes,
    skipped: parts.flatMap(({ skipped }) => skipped),
    histograms: new Map(
      [...first.histograms.keys()].map((name): [string, Histogram] => [
        name,
        parts.map(({ histograms }) => histograms.get(name)!).reduce(merge),
      ]),
    ),
    images: parts.reduce((sum, { images }) => sum + images, 0),
    seconds: parts.reduce((sum, { seconds }) => sum + seconds, 0),
    devices: [...new Set(parts.map(({ device }) => device))],
    software: parts.every(({ software }) => software),
  };
}

type Trait = readonly [what: string, of: (shard: ShardFile) => unknown];

const traits: readonly Trait[] = [
  ["model", ({ model }) => model.digest],
  ["data, their order or their preprocessing", ({ dataset }) => dataset],
  ["count of shards", ({ of }) => of],
  ["options", ({ options }) => options],
  ["configuration", ({ effective }) => effective],
  ["version of halftone", ({ version }) => version],
  ["measured values", ({ histograms }) => [...histograms.keys()].sort()],
];

function requireAlike(a: NamedShard, b: NamedShard): void {
  for (const [what, of] of traits) {
    const [left, right] = [a, b].map(({ shard }) => JSON.stringify(of(shard)));
    if (left === right) continue;
    const shown = left.length + right.length > 160 ? "" : `: ${left} and ${right}`;
    throw new ConfigError(
      `Cannot merge "${a.file}" and "${b.file}": they differ in ${what}${shown}; expected parts of one calibration`,
    );
  }
}

/** How many missing shards a message lists. */
const mostNamed = 10;

function requireEach(all: readonly NamedShard[]): void {
  const { of } = all[0].shard;
  for (let i = 1; i < all.length; i++) {
    if (all[i].shard.index > all[i - 1].shard.index) continue;
    throw new ConfigError(
      `Cannot merge "${all[i - 1].file}" and "${all[i].file}": both are shard ${
        all[i].shard.index
      } of ${of}, ` +
        "expected each once",
    );
  }
  const count = of - all.length;
  if (count === 0) return;
  const found = new Set(all.map(({ shard }) => shard.index));
  const first: number[] = [];
  for (let index = 1; first.length < Math.min(count, mostNamed); index++) {
    if (!found.has(index)) first.push(index);
  }
  const named = `${first.join(", ")}${count > first.length ? ", …" : ""} ${
    count === 1 ? "is" : "are"
  } missing`;
  throw new ConfigError(
    `Cannot merge ${all.length} of ${of} shards: ${named}, expected all; ` +
      `run calib --shard ${first[0]}/${of} for the first`,
  );
}
