// The measurements of one shard as a file: histograms by value name, and what identifies the shards that belong
// together. Integers and float32 survive JSON exactly.
import { z } from "zod";
import { binning, type Histogram } from "../calibrate/histogram.ts";
import { ModelError } from "../error.ts";

export type ShardFile = {
  /** Counted from 1. */
  readonly index: number;
  readonly of: number;
  readonly version: string;
  readonly model: { readonly path: string; readonly digest: string };
  /** Samples of all shards together, and the digest of their names, order and preprocessing. */
  readonly dataset: { readonly samples: number; readonly digest: string };
  /** The options of the calibration, and the configuration they came from; the same in all shards. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly effective: Readonly<Record<string, unknown>>;
  readonly notes: readonly string[];
  readonly images: number;
  readonly seconds: number;
  readonly device: string;
  readonly software: boolean;
  readonly skipped: readonly { readonly file: string; readonly why: string }[];
  readonly histograms: ReadonlyMap<string, Histogram>;
};

/** The body of the file; the file adds a digest of it. */
export function shardJson({ histograms, ...rest }: ShardFile): Record<string, unknown> {
  const points = [...histograms].map(([name, { exponent, first, low, high, nonFinite, counts }]) => ({
    name,
    exponent,
    first,
    // A value without elements has no range, and JSON has no infinity.
    extent: low <= high ? [low, high] : null,
    non_finite: nonFinite,
    counts: Array.from(counts),
  }));
  return { form: 1, ...rest, points };
}

const count = z.int().min(0);
const text = z.string();
const record = z.record(text, z.unknown());

const pointSchema = z.strictObject({
  name: text,
  exponent: z.int(),
  first: z.int(),
  extent: z.tuple([z.number(), z.number()]).nullable(),
  non_finite: count,
  counts: z.array(count).min(1),
});

const schema = z.strictObject({
  form: z.literal(1),
  index: z.int().min(1),
  of: z.int().min(1),
  version: text,
  model: z.strictObject({ path: text, digest: text }),
  dataset: z.strictObject({ samples: count, digest: text }),
  options: record,
  effective: record,
  notes: z.array(text),
  images: count,
  seconds: z.number().min(0),
  device: text,
  software: z.boolean(),
  skipped: z.array(z.strictObject({ file: text, why: text })),
  points: z.array(pointSchema),
}).refine(({ index, of }) => index <= of, { path: ["index"], error: "expected at most the count of shards" });

/** Reads the output of `shardJson`. @throws ModelError naming the wrong key. */
export function parseShard(body: unknown): ShardFile {
  const result = schema.safeParse(body);
  if (!result.success) {
    const [issue] = result.error.issues;
    const place = issue.path.length
      ? `key ${issue.path.map((key) => JSON.stringify(key)).join(" › ")}`
      : "the file";
    throw new ModelError(
      `Cannot read ${place}: ${issue.message}; expected statistics of halftone calib --shard`,
    );
  }
  const { form: _, points, ...rest } = result.data;
  const histograms = new Map(points.map((point) => [point.name, histogramOf(point)]));
  if (histograms.size < points.length) {
    throw new ModelError('Cannot read key "points": a value has two histograms, expected one');
  }
  return { ...rest, histograms };
}

function histogramOf(point: z.infer<typeof pointSchema>): Histogram {
  const { name, exponent, first, extent, counts } = point;
  const [low, high] = extent ?? [Infinity, -Infinity];
  const bins = binning(low, high);
  if (bins.exponent !== exponent || bins.first !== first || bins.count !== counts.length) {
    throw new ModelError(
      `Cannot read the histogram of "${name}": it has ${counts.length} bins of 2^${exponent} from ${first}, expected ` +
        `${bins.count} of 2^${bins.exponent} from ${bins.first} for ${low}..${high}`,
    );
  }
  const total = counts.reduce((sum, one) => sum + one, 0);
  return {
    exponent,
    first,
    counts: Float64Array.from(counts),
    low,
    high,
    total,
    nonFinite: point.non_finite,
  };
}
