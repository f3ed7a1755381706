// quant_info.json: the encodings in the Vitis AI quantizer's form (src/files/vitis_entries.ts) and, under `halftone`,
// exactly. The exact ones are read back, and the others must agree.
import { z } from "zod";
import { ModelError } from "../error.ts";
import type { Graph } from "../graph/graph.ts";
import type { Encoding, Encodings } from "../quantize/encoding.ts";
import { codeRange } from "../tensor/dtype.ts";
import { encodingSchema } from "./encoding_schema.ts";
import type { Calibrated } from "./results.ts";
import { differences, shortest, vitisSections } from "./vitis_entries.ts";

/** Whether the model's weights or biases were changed along with the encodings. */
export type Marks = {
  readonly fastFinetuned: boolean;
  readonly biasCorrected: boolean;
  /** By `halftone train`. */
  readonly trained?: boolean;
  /** The float model that the encodings belong to, in the same folder, if its numbers differ from the original's. */
  readonly calibratedModel?: string;
  /** Its SHA-256, to tell files of different runs apart. */
  readonly calibratedDigest?: string;
  /** Digest of the training run (samples, options, device) that ended with these encodings. */
  readonly course?: string;
};

/** What is read back: the encodings and the digest of the graph they belong to. */
export type QuantInfo = Marks & {
  readonly graphDigest: string;
  readonly version: string;
  readonly encodings: Encodings;
};

/** The text whose MD5 is `graph_md5`: the operator types in topological order, one per line. */
export function graphListing(graph: Graph): string {
  return graph.nodes.map((node) => node.domain ? `${node.domain}::${node.opType}` : node.opType).join("\n");
}

/** The object to write as JSON. `graphDigest` is the MD5 of `graphListing` of the model as it was loaded. */
export function quantInfoOf(
  calibrated: Pick<Calibrated, "graph" | "encodings" | "points">,
  version: string,
  graphDigest: string,
  marks: Marks = { fastFinetuned: false, biasCorrected: false },
): Record<string, unknown> {
  return {
    ...vitisSections(calibrated),
    fast_finetuned: marks.fastFinetuned,
    bias_corrected: marks.biasCorrected,
    trained: marks.trained,
    version,
    graph_md5: graphDigest,
    calibrated_model: marks.calibratedModel,
    calibrated_model_sha256: marks.calibratedDigest,
    training_sha256: marks.course,
    halftone: { form: 1, encodings: Object.fromEntries([...calibrated.encodings].map(exactEntry)) },
  };
}

function exactEntry([name, encoding]: [string, Encoding]): [string, unknown] {
  const { bits, signed, axis, scale, zeroPoint, narrow, rounding, datatype } = encoding;
  return [name, {
    bits,
    signed,
    axis,
    narrow,
    rounding,
    datatype,
    scale: Array.from(scale, shortest),
    zeroPoint: Array.from(zeroPoint),
  }];
}

const entrySchema = encodingSchema.extend({
  scale: z.array(z.number()).min(1),
  zeroPoint: z.array(z.int()).min(1),
}).superRefine((entry, context) => {
  const refuse = (path: (string | number)[], message: string) =>
    context.addIssue({ code: "custom", path, message });
  const expected = entry.axis === undefined ? 1 : entry.zeroPoint.length;
  if (entry.scale.length !== expected || entry.zeroPoint.length !== expected) {
    refuse(
      ["scale"],
      `${entry.scale.length} scales and ${entry.zeroPoint.length} zero points, expected ${expected} each`,
    );
  }
  entry.scale.forEach((scale, i) => {
    const stored = Math.fround(scale);
    if (!(stored > 0 && stored < Infinity)) refuse(["scale", i], `${scale}, expected a positive float32`);
  });
  const [low, high] = codeRange(entry.bits, entry.signed);
  entry.zeroPoint.forEach((code, i) => {
    if (code < low || code > high) refuse(["zeroPoint", i], `${code}, expected a code of ${low}..${high}`);
  });
});

const fileSchema = z.looseObject({
  version: z.string(),
  graph_md5: z.string(),
  fast_finetuned: z.boolean().optional(),
  bias_corrected: z.boolean().optional(),
  trained: z.boolean().optional(),
  calibrated_model: z.string().optional(),
  calibrated_model_sha256: z.string().optional(),
  training_sha256: z.string().optional(),
  halftone: z.strictObject({ form: z.literal(1), encodings: z.unknown() }),
});
const encodingsSchema = z.array(z.tuple([z.string(), entrySchema]));

/** Reads the output of `quantInfoOf`. @throws ModelError naming the wrong key. */
export function parseQuantInfo(text: string): QuantInfo {
  const file = checkSchema(fileSchema, parseJson(text));
  // Pairs, because zod drops a record's "__proto__" key, and ONNX allows that name.
  const pairs = Object.entries(file.halftone.encodings ?? {});
  const encodings = checkSchema(encodingsSchema, pairs, (path) => {
    const [index, , ...rest] = path;
    return ["halftone", "encodings", pairs[Number(index)]?.[0] ?? String(index), ...rest];
  });
  const toEncoding = (entry: z.infer<typeof entrySchema>): Encoding => ({
    bits: entry.bits,
    signed: entry.signed,
    ...(entry.axis === undefined ? {} : { axis: entry.axis }),
    ...(entry.narrow ? { narrow: true } : {}),
    ...(entry.rounding ? { rounding: entry.rounding } : {}),
    ...(entry.datatype ? { datatype: entry.datatype } : {}),
    scale: Float32Array.from(entry.scale),
    zeroPoint: Int32Array.from(entry.zeroPoint),
  });
  const found = new Map(encodings.map(([name, entry]) => [name, toEncoding(entry)]));
  requireSame(file, found);
  return {
    graphDigest: file.graph_md5,
    version: file.version,
    fastFinetuned: file.fast_finetuned ?? false,
    biasCorrected: file.bias_corrected ?? false,
    ...(file.trained && { trained: true }),
    ...(file.calibrated_model === undefined ? {} : { calibratedModel: file.calibrated_model }),
    ...(file.calibrated_model_sha256 === undefined ? {} : { calibratedDigest: file.calibrated_model_sha256 }),
    ...(file.training_sha256 === undefined ? {} : { course: file.training_sha256 }),
    encodings: found,
  };
}

/** Rejects files whose Vitis AI sections were edited without the exact encodings. */
function requireSame(file: Record<string, unknown>, encodings: Encodings): void {
  const [name] = differences(file, encodings);
  if (name === undefined) return;
  throw new ModelError(
    `Cannot read ${pathText(name)}: it differs from key "halftone" › "encodings" › ${
      JSON.stringify(name.at(-1))
    }, ` +
      "expected the same; edit both, or run calib again",
  );
}

/** Rejects a calibrated model of another run; older files have no digest. */
export function requireCalibrated({ calibratedModel, calibratedDigest }: Marks, digest: string): void {
  if (calibratedDigest === undefined || calibratedDigest === digest) return;
  throw new ModelError(
    `Cannot use these encodings with "${calibratedModel}": its SHA-256 begins with ${
      digest.slice(0, 8)
    }, expected ` +
      `${calibratedDigest.slice(0, 8)}; the two are of different runs, or one was interrupted: run it again`,
  );
}

/** Rejects encodings of another graph. */
export function requireGraph(found: QuantInfo, graphDigest: string): void {
  if (found.graphDigest === graphDigest) return;
  throw new ModelError(
    `Cannot use these encodings: they belong to a graph with MD5 "${found.graphDigest}", the model's is ` +
      `"${graphDigest}"; ` + "pass the model that was calibrated, or run calib on this one",
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ModelError(
      `Cannot read the encodings: ${(cause as Error).message}, expected JSON; run calib again`,
      { cause },
    );
  }
}

type Path = (string | number)[];

function checkSchema<T>(
  schema: z.ZodType<T>,
  value: unknown,
  place: (path: Path) => Path = (path) => path,
): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const path = place(issue.path.map((key) => typeof key === "number" ? key : String(key)));
  throw new ModelError(
    `Cannot read ${pathText(path)}: ${
      sentence(issue)
    }; expected a file written by halftone calib, run it again`,
  );
}

function sentence(issue: { readonly message: string }): string {
  const text = issue.message.replace(/^Invalid input: /, "");
  return text.charAt(0).toLowerCase() + text.slice(1);
}

function pathText(path: Path): string {
  return path.length ? `key ${path.map((key) => JSON.stringify(key)).join(" › ")}` : "the encodings";
}
