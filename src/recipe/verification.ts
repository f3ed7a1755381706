// Verifies a written model: the same samples in halftone and in ONNX Runtime.
import type { Dataset } from "../dataset/mod.ts";
import { formFor } from "../evaluate/evaluate.ts";
import type { Graph, Name } from "../graph/graph.ts";
import { inlineFunctions } from "../passes/inline_functions.ts";
import { runner } from "../run/runner.ts";
import { plannedOpset, upgradeOpset } from "../passes/upgrade_opset.ts";
import type { Batch, Feeds, Machine, Outputs } from "../plan/machine.ts";
import type { Encodings } from "../quantize/encoding.ts";
import { codesOf } from "../quantize/encoding.ts";
import { type ExportForm, exportFormRow } from "../quantize/forms/all.ts";
import { prepare } from "./prepare.ts";
import { findRuntime, type Runtime } from "../runtime/onnx_runtime.ts";
import { type EvaluatedBatch, type Verification, verifyFile } from "../runtime/verify.ts";
import { elementCount } from "../tensor/shape.ts";
import { fromNumbers, type Tensor } from "../tensor/tensor.ts";

export { findRuntime, type Verification };

export type Written = {
  /** The file, or its bytes. */
  readonly file: string | Uint8Array;
  /** What halftone runs: the quantized graph, or the float one in 16 bits. */
  readonly graph: Graph;
  readonly form?: ExportForm;
};

/**
 * Runs the written model and the float one on the data's first batch: in halftone, and in ONNX Runtime with and without
 * optimizations. `refused`: why ONNX Runtime does not load or run the file.
 *
 * ```ts
 * const runtime = findRuntime();
 * if (runtime) console.log(await verify(model, { file: "model_int.onnx", graph: quantized }, data, machine, runtime));
 * ```
 */
export async function verify(
  float: Graph,
  { file, graph, form }: Written,
  dataset: Pick<Dataset, "batches">,
  machine: Machine,
  runtime: Runtime,
): Promise<Verification> {
  const batches: Batch[] = [];
  for await (const batch of dataset.batches()) {
    batches.push(batch);
    break;
  }
  const floats = await outputsOf(machine, prepare(float, plannedOpset), batches);
  const ours = await outputsOf(machine, integerFormOf(graph), batches);
  const samples = batches.map(({ feeds, count }, i): EvaluatedBatch => ({
    feeds,
    count,
    float: floats[i],
    ours: ours[i],
  }));
  return verifyFile(file, float.outputs, samples, runtime, form && exportFormRow(form).enoughDb);
}

/** The graph at the opset of plans, not folded: weights must stay codes. */
export function atPlannedOpset(quantized: Graph): Graph {
  return upgradeOpset(plannedOpset)(inlineFunctions(quantized));
}

/** The form of a quantized model that `evaluate` runs. */
export function integerFormOf(quantized: Graph): Graph {
  return formFor(atPlannedOpset(quantized), "int8").form;
}

async function outputsOf(machine: Machine, graph: Graph, batches: readonly Batch[]): Promise<Outputs[]> {
  const run = runner(machine, graph);
  try {
    const found: Outputs[] = [];
    for (const { feeds } of batches) found.push(await run(feeds));
    return found;
  } finally {
    run.release();
  }
}

/** Sizes to try for open dimensions after the first: of images and signals, of sequences. */
const openSizes = [64, 8, 1];

/**
 * One sample without data: floats spread over the range of the input's encoding (−1 to 1 without one), zeros for
 * integers, with the first size of open dimensions with which ONNX Runtime runs the float model; undefined if none
 * works.
 */
export async function makeUpBatch(
  float: Graph,
  file: string,
  encodings: Encodings,
  runtime: Runtime,
): Promise<Batch | undefined> {
  const session = await runtime.open(file, "disabled");
  try {
    for (const size of openSizes) {
      const feeds: Feeds = new Map(
        float.inputs.map((name) => [name, makeUpTensor(float, name, encodings, size)]),
      );
      try {
        await session.run(feeds);
        return { feeds, count: 1 };
      } catch {
        // The next size may fit.
      }
    }
  } finally {
    await session.release();
  }
}

function makeUpTensor({ values }: Graph, name: Name, encodings: Encodings, size: number): Tensor {
  const { dtype = "float32", shape = [] } = values.get(name) ?? {};
  const sizes = shape.map((dim, axis) => typeof dim === "number" ? dim : axis === 0 ? 1 : size);
  const [low, high] = /float/.test(dtype) ? rangeOf(encodings, name) : [0, 0];
  // The step is coprime to most sizes, so that neighbours and channels differ.
  const part = (i: number) => ((i * 7919) % 1009) / 1008;
  return fromNumbers(
    dtype,
    sizes,
    Array.from({ length: elementCount(sizes) }, (_, i) => low + (high - low) * part(i)),
  );
}

function rangeOf(encodings: Encodings, name: Name): readonly [number, number] {
  const encoding = encodings.get(name);
  if (!encoding || encoding.datatype) return [-1, 1];
  const [low, high] = codesOf(encoding).map((code) => (code - encoding.zeroPoint[0]) * encoding.scale[0]);
  return [low, high];
}
