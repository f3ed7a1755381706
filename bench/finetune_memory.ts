// Peak memory of finetuning the largest layer of common networks, a 3×3 convolution over 512 channels (K = 4,608), in a
// process of its own, beside the same calibration without finetuning.
import { join } from "node:path";
import { intsAttribute } from "../src/graph/attribute.ts";
import type { Graph, Node, Value } from "../src/graph/graph.ts";
import { writeModel } from "../src/storage/mod.ts";
import { normals } from "../src/tensor/seeded.ts";
import { tensor } from "../src/tensor/tensor.ts";
import { runHalftone } from "./child.ts";
import type { Report, Row } from "./report.ts";
import { inTempFolder } from "./temp_folder.ts";

const channels = 512;
const depth = channels * 9;
const samples = 64;
/** Bytes of one K × K matrix of doubles. */
const squareBytes = 8 * depth ** 2;
/**
 * In units of that: 1 for the sums, 1 for the centred sums, 1/2 for the factor; in single precision on the device, 1/2
 * for partial sums and 1/2 for results; and for each of two batches being read back 2 × 1/2, mapped and copied. That is
 * 5 1/2 by count; 7.2 was measured first (llvmpipe), and the bound was set slightly above, to catch growth.
 */
const mostSquares = 8;

export function measurePeak(report: Report): Promise<Row[]> {
  return inTempFolder(async (folder) => {
    const model = join(folder, "wide.onnx");
    await writeModel(wideGraph(), model);
    const options = ["--data", "random", "--subset-len", String(samples), "--weight-bits", "4"];
    const files = ["--model", model, "--output", join(folder, "out")];
    const rows: Row[] = [];
    for (const method of [[], ["--fast-finetune"]]) {
      const result = await runHalftone("calib", ...files, ...options, ...method);
      rows.push(rowOf(result, rows[0]));
      report.note(JSON.stringify(rows.at(-1)));
    }
    return rows;
  });
}

type Layer = { readonly error?: { readonly before: number; readonly after: number } };

function rowOf(result: Record<string, unknown>, calibrated: Row | undefined): Row {
  const { seconds, finetune, peak_rss_bytes: peak } = result as {
    readonly seconds: { readonly total: number; readonly finetune?: number };
    readonly finetune?: { readonly layers: readonly Layer[] };
    readonly peak_rss_bytes: number;
  };
  const row = { layer: `Conv 3×3, ${channels} channels`, depth, samples, calibrate_s: seconds.total };
  if (!calibrated || !finetune) return { ...row, peak_bytes: peak };
  const grown = peak - Number(calibrated.peak_bytes);
  const [{ error }] = finetune.layers;
  return {
    ...row,
    calibrate_s: seconds.total - seconds.finetune!,
    peak_bytes: peak,
    finetune_s: seconds.finetune,
    layer_error_before: error?.before,
    after: error?.after,
    grown_bytes: grown,
    square_bytes: squareBytes,
    bound: `≤ ${mostSquares} squares of doubles`,
    verdict: error && grown <= mostSquares * squareBytes ? "kept" : "missed",
  };
}

function wideGraph(): Graph {
  const nodes: Node[] = [
    node("Conv", ["x", "wide.weight"], "wide"),
    node("Relu", ["wide"], "relu"),
    node("GlobalAveragePool", ["relu"], "pool"),
    node("Flatten", ["pool"], "flat"),
    node("Gemm", ["flat", "head.weight"], "y"),
  ];
  nodes[0] = { ...nodes[0], attributes: new Map([["pads", intsAttribute([1, 1, 1, 1])]]) };
  return {
    name: "wide",
    nodes,
    values: new Map<string, Value>([
      ["x", { dtype: "float32", shape: ["N", channels, 8, 8] }],
      ["wide.weight", weight(1, channels, channels, 3, 3)],
      ["head.weight", weight(2, channels, 10)],
      ["y", { dtype: "float32", shape: ["N", 10] }],
    ]),
    inputs: ["x"],
    outputs: ["y"],
    opset: 13,
  };
}

function node(opType: string, inputs: string[], output: string): Node {
  return { opType, domain: "", name: output, inputs, outputs: [output], attributes: new Map() };
}

function weight(seed: number, ...shape: number[]): Value {
  const values = normals(shape.reduce((a, b) => a * b, 1), seed);
  const scale = Math.sqrt(2 / depth);
  return {
    dtype: "float32",
    shape,
    constant: tensor("float32", shape, Array.from(values, (v) => v * scale)),
  };
}
