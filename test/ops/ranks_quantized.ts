// Asserts that a quantized network of every operator at every rank gives ONNX Runtime's codes: the networks of
// ranks.ts, whose convolutions and products before and after the operator use integers.
import assert from "node:assert/strict";
import type { Graph } from "../../src/graph/graph.ts";
import { calibrate, quantize } from "../../src/mod.ts";
import { integerForm } from "../../src/passes/integer_form.ts";
import { runner } from "../../src/run/runner.ts";
import { referenceMachine } from "../../src/plan/interpret.ts";
import type { Machine } from "../../src/plan/machine.ts";
import type { Encodings } from "../../src/quantize/encoding.ts";
import { floats, type Tensor } from "../../src/tensor/tensor.ts";
import { absolute, assertAgree, type Bound, exact, oneCode } from "./agreement.ts";
import { byOnnxRuntime, type Model } from "./one_node.ts";
import { atRank, ranks } from "./ranks.ts";
import { absentAt } from "./ranks_agreement.ts";
import { rows } from "./rows/mod.ts";

/** Reasons why an operator's network has no codes, or ONNX Runtime has no integer form. */
export const uncoded: Readonly<Record<string, string>> = {
  Loop: "its body knows one shape",
  Shape: "no data is read",
  Size: "no data is read",
  EyeLike: "no data is read",
};

/** With its fusions, which are its integer forms, and int8 kept. */
const fused = {
  graphOptimizationLevel: "all",
  extra: { session: { qdqisint8allowed: "1" } },
} as const;

/** One row of an operator at all ranks. */
export async function assertQuantizedAgree(opType: string, machine: Machine) {
  const own = rows.filter((row) => row.opType === opType);
  for (const rank of ranks.filter((rank) => !absentAt(opType).includes(rank))) {
    const [found] = await atRank(own, rank, 1);
    // Operators on integers and shapes alone cannot be quantized.
    if (!found?.model.graph.nodes.some(({ opType }) => opType === "Conv" || opType === "MatMul")) continue;
    try {
      await assertCodesAgree(found.model, machine);
    } catch (cause) {
      throw new Error(`${found.row.about}: ${(cause as Error).message}`, { cause });
    }
  }
}

async function assertCodesAgree({ graph: float, feeds }: Model, machine: Machine) {
  const batches = async function* () {
    yield { feeds, count: 1 };
  };
  const { graph: calibrated, encodings } = await calibrate(
    float,
    { count: 1, batches },
    referenceMachine(),
  );
  const graph = withCodes(quantize(calibrated, encodings));
  const theirs = await byOnnxRuntime({ graph, feeds }, fused);
  const run = runner(machine, integerForm(graph));
  try {
    const ours = await run(feeds);
    for (const name of graph.outputs) {
      const [wanted, found] = [theirs.get(name)!, ours.get(name)!];
      const results = { "ONNX Runtime": wanted, [machine.description]: found };
      assertAgree(results, boundOf(wanted, stepOf(calibrated, encodings)));
    }
  } finally {
    run.release();
  }
}

/** With all codes of activations as outputs, too. */
function withCodes(graph: Graph): Graph {
  const made = graph.nodes.filter(({ opType }) => opType === "QuantizeLinear");
  assert.ok(made.length > 0, "nothing has codes");
  return { ...graph, outputs: [...new Set([...graph.outputs, ...made.map(({ outputs }) => outputs[0])])] };
}

/** The scale of the coarsest activation. */
function stepOf({ values }: Graph, encodings: Encodings): number {
  const activations = [...encodings].filter(([name]) => !values.get(name)?.constant);
  return Math.max(...activations.flatMap(([, { scale }]) => Array.from(scale)));
}

function boundOf(wanted: Tensor, step: number): Bound {
  if (/^u?int8$/.test(wanted.dtype)) return oneCode;
  if (wanted.dtype !== "float32") return exact;
  const largest = floats(wanted).reduce(
    (most, v) => Number.isFinite(v) ? Math.max(most, Math.abs(v)) : most,
    0,
  );
  return absolute(step * 1.01 + largest * 1e-5, "one code of the coarsest value, near a tie");
}
