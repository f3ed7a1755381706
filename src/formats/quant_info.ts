// quant_info.json: what calibration found. `param`, `output` and `input` are the Vitis AI quantizer's form
// (vai_q_pytorch 3.5, export_quant_config: entries [bits, scale, zero_point, float_max], lists where there
// is one scale a channel); `halftone` carries the encodings exactly. Only the latter is read back.
import { z } from "zod";
import { ModelError } from "../error.ts";
import type { Graph } from "../graph/graph.ts";
import type { Encoding, Encodings } from "../quantize/encoding.ts";
import { codeRange } from "../tensor/dtype.ts";
import type { Calibrated, CalibratedPoint } from "./results.ts";

/** What is read back: the encodings and the digest of the graph they belong to. */
export type QuantInfo = {
  readonly graphDigest: string;
  readonly version: string;
  readonly encodings: Encodings;
  /** The encodings belong to the tuned model beside the file, not to the model that was calibrated. */
  readonly fastFinetuned: boolean;
};

/** The text whose MD5 is `graph_md5`: the operator types in topological order, one a line. */
export function graphListing(graph: Graph): string {
  return graph.nodes.map((node) => node.domain ? `${node.domain}::${node.opType}` : node.opType).join("\n");
}

/** The object to write as JSON. `graphDigest` is the MD5 of `graphListing` of the model as it was loaded. */
export function quantInfoOf(
  calibrated: Pick<Calibrated, "graph" | "encodings" | "points" | "finetune">,
  version: string,
  graphDigest: string,
): Record<string, unknown> {
  const isInput = new Set(calibrated.graph.inputs);
  const section = (belongs: (point: CalibratedPoint) => boolean) =>
    Object.fromEntries(
      calibrated.points.filter(belongs).flatMap((point) => {
        const encoding = calibrated.encodings.get(point.name);
        return encoding ? [[point.name, [vitisEntry(point, encoding)]]] : [];
      }),
    );
  return {
    param: section((point) => point.kind !== "activation"),
    output: section((point) => point.kind === "activation" && !isInput.has(point.name)),
    input: section((point) => point.kind === "activation" && isInput.has(point.name)),
    fast_finetuned: calibrated.finetune?.accepted ?? false,
    bias_corrected: false,
    version,
    graph_md5: graphDigest,
    halftone: { form: 1, encodings: Object.fromEntries([...calibrated.encodings].map(exactEntry)) },
  };
}

function vitisEntry(point: CalibratedPoint, { bits, signed, axis, scale, zeroPoint }: Encoding): unknown[] {
  const scales = Array.from(scale, shortest);
  const zeros = Array.from(zeroPoint);
  if (axis === undefined) {
    return [bits, scales[0], zeros[0], Math.max(Math.abs(point.low), Math.abs(point.high))];
  }
  const [, highest] = codeRange(bits, signed);
  return [bits, scales, zeros, scales.map((step, i) => shortest(Math.fround(step * (highest - zeros[i]))))];
}

function exactEntry([name, encoding]: [string, Encoding]): [string, unknown] {
  const { bits, signed, axis, scale, zeroPoint } = encoding;
  return [name, { bits, signed, axis, scale: Array.from(scale, shortest), zeroPoint: Array.from(zeroPoint) }];
}

/**
 * The shortest decimal that reads back as the same float32; nine digits always do (IEEE 754-2019, 5.12.2).
 */
export function shortest(float32: number): number {
  for (let digits = 1; digits < 9; digits++) {
    const rounded = Number(float32.toPrecision(digits));
    if (Math.fround(rounded) === float32) return rounded;
  }
  return Number(float32.toPrecision(9));
}

const encodingSchema = z.strictObject({
  bits: z.int().min(2).max(32),
  signed: z.boolean(),
  axis: z.int().min(0).optional(),
  scale: z.array(z.number()).min(1),
  zeroPoint: z.array(z.int()).min(1),
}).superRefine((entry, context) => {
  const refuse = (path: (string | number)[], message: string) =>
    context.addIssue({ code: "custom", path, message });
  const wanted = entry.axis === undefined ? 1 : entry.zeroPoint.length;
  if (entry.scale.length !== wanted || entry.zeroPoint.length !== wanted) {
    refuse(
      ["scale"],
      `${entry.scale.length} scales and ${entry.zeroPoint.length} zero points, expected ${wanted} each`,
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
  fast_finetuned: z.boolean().default(false),
  halftone: z.strictObject({ form: z.literal(1), encodings: z.unknown() }),
});
const encodingsSchema = z.array(z.tuple([z.string(), encodingSchema]));

/** Reads what `quantInfoOf` made; ModelError names the key that is wrong. */
export function parseQuantInfo(text: string): QuantInfo {
  const file = checked(fileSchema, parsed(text));
  // Pairs, because zod drops a record's "__proto__" key, and ONNX allows that name.
  const pairs = Object.entries(file.halftone.encodings ?? {});
  const encodings = checked(encodingsSchema, pairs, (path) => {
    const [index, , ...rest] = path;
    return ["halftone", "encodings", pairs[Number(index)]?.[0] ?? String(index), ...rest];
  });
  const toEncoding = (entry: z.infer<typeof encodingSchema>): Encoding => ({
    bits: entry.bits,
    signed: entry.signed,
    ...(entry.axis === undefined ? {} : { axis: entry.axis }),
    scale: Float32Array.from(entry.scale),
    zeroPoint: Int32Array.from(entry.zeroPoint),
  });
  return {
    graphDigest: file.graph_md5,
    version: file.version,
    fastFinetuned: file.fast_finetuned,
    encodings: new Map(encodings.map(([name, entry]) => [name, toEncoding(entry)])),
  };
}

/** Refuses encodings that were measured on another graph. */
export function requireGraph(found: QuantInfo, graphDigest: string): void {
  if (found.graphDigest === graphDigest) return;
  throw new ModelError(
    `Cannot use these encodings: they belong to a graph with MD5 "${found.graphDigest}", the model's is ` +
      `"${graphDigest}"; ` + "pass the model that was calibrated, or run calib on this one",
  );
}

function parsed(text: string): unknown {
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

function checked<T>(schema: z.ZodType<T>, value: unknown, place: (path: Path) => Path = (path) => path): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const path = place(issue.path.map((key) => typeof key === "number" ? key : String(key)));
  throw new ModelError(
    `Cannot read ${spelled(path)}: ${
      sentence(issue)
    }; expected a file written by halftone calib, run it again`,
  );
}

function sentence(issue: { readonly message: string }): string {
  const text = issue.message.replace(/^Invalid input: /, "");
  return text.charAt(0).toLowerCase() + text.slice(1);
}

function spelled(path: Path): string {
  return path.length ? `key ${path.map((key) => JSON.stringify(key)).join(" › ")}` : "the encodings";
}
