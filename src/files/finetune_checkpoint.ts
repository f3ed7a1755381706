// A finetuned layer as a file, from which an interrupted run resumes. Weights and scales are float32 in base64, so that
// nothing is rounded.
import { z } from "zod";
import { ModelError } from "../error.ts";
import type { Encoding } from "../quantize/encoding.ts";
import type { FinishedLayer } from "../finetune/tunable.ts";
import { encodingSchema } from "./encoding_schema.ts";

/** What a layer's result depends on; the same in all files of a run. */
export type Origin = {
  readonly version: string;
  /** Digest of the calibrated graph, its constants and its encodings. */
  readonly calibration: string;
  /** Digest of the samples, their order and their batches. */
  readonly samples: string;
  readonly device: string;
  /** Of finetuning, and its seed. */
  readonly method: string;
};

/** `place` counts layers from 0 in the order in which they are tuned. */
export type Checkpoint = { readonly place: number; readonly origin: Origin; readonly layer: FinishedLayer };

export function checkpointJson({ place, origin, layer }: Checkpoint): Record<string, unknown> {
  const { tuned, before, after, activations, ...rest } = layer;
  return {
    form: 1,
    place,
    origin,
    layer: {
      ...rest,
      // JSON has no NaN.
      ...(before !== undefined && after !== undefined && { error: [before, after].map(finite) }),
      ...(activations && {
        activations: activations.map(({ names, encoding }) => ({ names, encoding: encodingJson(encoding) })),
      }),
      ...(tuned && {
        tuned: {
          weights: textOf(tuned.weights),
          encoding: encodingJson(tuned.encoding),
          bias: tuned.bias && textOf(tuned.bias),
          biasEncoding: tuned.biasEncoding && encodingJson(tuned.biasEncoding),
        },
      }),
    },
  };
}

const text = z.string();
const float32 = z.base64().transform((chars) => new Float32Array(bytesOf(chars)));
const int32 = z.base64().transform((chars) => new Int32Array(bytesOf(chars)));
const exactEncoding = encodingSchema.extend({ scale: float32, zeroPoint: int32 });
const schema = z.strictObject({
  form: z.literal(1),
  place: z.int().min(0),
  origin: z.strictObject({ version: text, calibration: text, samples: text, device: text, method: text }),
  layer: z.strictObject({
    node: text,
    name: text,
    type: text,
    weight: text,
    bits: z.int(),
    why: text.optional(),
    note: text.optional(),
    activations: z.array(z.strictObject({ names: z.array(text), encoding: exactEncoding })).optional(),
    error: z.tuple([z.number().nullable(), z.number().nullable()]).optional(),
    tuned: z.strictObject({
      weights: float32,
      encoding: exactEncoding,
      bias: float32.optional(),
      biasEncoding: exactEncoding.optional(),
    }).optional(),
  }),
});

/** Reads the output of `checkpointJson`. @throws ModelError naming the wrong key. */
export function parseCheckpoint(body: unknown): Checkpoint {
  const result = schema.safeParse(body);
  if (!result.success) {
    const [{ path, message }] = result.error.issues;
    throw new ModelError(
      `Cannot resume finetuning: key "${path.join(".")}": ${message}, expected a file of an interrupted ` +
        "--fast-finetune; leave out --resume",
    );
  }
  const { place, origin, layer: { error, ...layer } } = result.data;
  const [before, after] = error?.map((value) => value ?? NaN) ?? [];
  return { place, origin, layer: { ...layer, before, after } };
}

function encodingJson({ scale, zeroPoint, ...rest }: Encoding): Record<string, unknown> {
  return { ...rest, scale: textOf(scale), zeroPoint: textOf(zeroPoint) };
}

function textOf({ buffer, byteOffset, byteLength }: Float32Array | Int32Array): string {
  const bytes = new Uint8Array(buffer, byteOffset, byteLength);
  const chunk = 2 ** 13;
  let chars = "";
  for (let at = 0; at < bytes.length; at += chunk) {
    chars += String.fromCharCode(...bytes.subarray(at, at + chunk));
  }
  return btoa(chars);
}

/** Decodes whole words; a damaged file with more bytes is refused by its element count. */
function bytesOf(chars: string): ArrayBuffer {
  const binary = atob(chars);
  const bytes = new Uint8Array(binary.length - binary.length % 4);
  for (let i = 0; i < bytes.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes.buffer;
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
