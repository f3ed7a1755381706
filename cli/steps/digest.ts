// Digests that tie quant_info.json, shards and checkpoints to the model, data and calibration they belong to.
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { graphListing, quantInfoOf } from "../../src/files/quant_info.ts";
import type { Calibration, Encodings } from "../../src/mod.ts";
import type { Graph } from "../../src/graph/graph.ts";

export function graphDigest(graph: Graph): string {
  return createHash("md5").update(graphListing(graph)).digest("hex");
}

export function textDigest(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** Covers the model's file and its constants, wherever they are stored. */
export async function modelDigest(path: string, graph: Graph): Promise<string> {
  const hash = createHash("sha256");
  for await (const bytes of createReadStream(path)) hash.update(bytes);
  for (const { constant } of graph.values.values()) if (constant) hash.update(constant.bytes);
  return hash.digest("hex");
}

/** Covers everything finetuning starts from, except data and device. */
export function calibrationDigest(calibration: Calibration): string {
  const hash = createHash("sha256").update(graphListing(calibration.graph));
  hash.update(JSON.stringify(quantInfoOf(calibration, "", "").halftone));
  for (const [name, { constant }] of calibration.graph.values) {
    if (constant) hash.update(name).update(constant.bytes);
  }
  return hash.digest("hex");
}

/** Covers a float graph, its constants and its encodings. */
export function networkDigest(graph: Graph, encodings: Encodings): string {
  const hash = createHash("sha256").update(graphListing(graph));
  for (const [name, { constant }] of graph.values) if (constant) hash.update(name).update(constant.bytes);
  for (const [name, { scale, zeroPoint, ...rest }] of encodings) {
    hash.update(JSON.stringify([name, rest, Array.from(scale), Array.from(zeroPoint)]));
  }
  return hash.digest("hex");
}
