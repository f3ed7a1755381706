// The state of training as a safetensors file: parameters, moments and the best network's parameters as tensors,
// everything else as text in the metadata. 8 bytes give the length of the JSON header, which the tensors follow.
import { z } from "zod";
import { ModelError } from "../error.ts";
import type { TrainingState } from "../finetune/train/train.ts";
import type { Feeds } from "../plan/machine.ts";
import type { Tensor } from "../tensor/tensor.ts";

/** What a training depends on. */
export type TrainingOrigin = {
  readonly version: string;
  /** Digest of the network before training, its constants and encodings, and of the float model. */
  readonly network: string;
  /** Digest of the samples, their order and their labels. */
  readonly samples: string;
  readonly options: string;
  readonly device: string;
};

export type TrainingCheckpoint = { readonly origin: TrainingOrigin; readonly standing: TrainingState };

/** Prefix of the names of the best network's parameters. */
const best = "best/";

/** `digestOf`: detects damaged files. */
export function trainingCheckpointBytes(
  { origin, standing: { states, best: found, bestLoss, ...rest } }: TrainingCheckpoint,
  digestOf: (bytes: Uint8Array) => string,
): Uint8Array {
  const tensors = [...states, ...[...found].map(([name, one]) => [best + name, one] as const)];
  const length = tensors.reduce((sum, [, { bytes }]) => sum + bytes.length, 0);
  const payload = new Uint8Array(length);
  let at = 0;
  const entries = tensors.map(([name, { shape, bytes }]) => {
    payload.set(bytes, at);
    const entry = { dtype: "F32", shape, data_offsets: [at, at += bytes.length] };
    return [name, entry] as const;
  });
  // JSON has no infinity.
  const body = JSON.stringify({ ...rest, bestLoss: Number.isFinite(bestLoss) ? bestLoss : null });
  const metadata = { form: "1", origin: JSON.stringify(origin), standing: body, digest: digestOf(payload) };
  const listing = JSON.stringify({ __metadata__: metadata, ...Object.fromEntries(entries) });
  const header = new TextEncoder().encode(listing);
  const file = new Uint8Array(8 + header.length + payload.length);
  new DataView(file.buffer).setBigUint64(0, BigInt(header.length), true);
  file.set(header, 8);
  file.set(payload, 8 + header.length);
  return file;
}

const entrySchema = z.strictObject({
  dtype: z.literal("F32"),
  shape: z.array(z.int().min(0)),
  data_offsets: z.tuple([z.int().min(0), z.int().min(0)]),
});
const headerSchema = z.object({
  __metadata__: z.strictObject({
    form: z.literal("1"),
    origin: z.string(),
    standing: z.string(),
    digest: z.string(),
  }),
}).catchall(entrySchema);
const text = z.string();
const originSchema = z.strictObject({
  version: text,
  network: text,
  samples: text,
  options: text,
  device: text,
});
const standingSchema = z.strictObject({
  taken: z.int().min(0),
  factor: z.number(),
  bestLoss: z.number().nullable(),
  curve: z.array(z.strictObject({ step: z.int(), loss: z.number(), heldOut: z.number() })),
  notes: z.array(z.string()),
});

/**
 * Reads the output of `trainingCheckpointBytes`.
 * @throws ModelError if the file is damaged.
 */
export function parseTrainingCheckpoint(
  file: Uint8Array,
  digestOf: (bytes: Uint8Array) => string,
): TrainingCheckpoint {
  try {
    return parseCheckpoint(file, digestOf);
  } catch (cause) {
    throw new ModelError("Cannot resume training: the file is damaged; remove it, or leave out --resume", {
      cause,
    });
  }
}

function parseCheckpoint(file: Uint8Array, digestOf: (bytes: Uint8Array) => string): TrainingCheckpoint {
  const length = Number(new DataView(file.buffer, file.byteOffset).getBigUint64(0, true));
  const listing = new TextDecoder().decode(file.subarray(8, 8 + length));
  const payload = file.subarray(8 + length);
  const { __metadata__: metadata, ...entries } = headerSchema.parse(JSON.parse(listing));
  if (digestOf(payload) !== metadata.digest) throw new RangeError("its digest is another");
  const tensors = Object.entries(entries).map(([name, { shape, data_offsets: [from, to] }]) =>
    [name, { dtype: "float32", shape, bytes: payload.slice(from, to) } as Tensor] as const
  );
  const states: Feeds = new Map(tensors.filter(([name]) => !name.startsWith(best)));
  const found: Feeds = new Map(
    tensors.filter(([name]) => name.startsWith(best)).map(([name, one]) => [name.slice(best.length), one]),
  );
  const { bestLoss, ...rest } = standingSchema.parse(JSON.parse(metadata.standing));
  const origin = originSchema.parse(JSON.parse(metadata.origin));
  return { origin, standing: { ...rest, states, best: found, bestLoss: bestLoss ?? Infinity } };
}
