// Whether a float model can be judged by its answers: those that are undefined, all alike or decided by the last bits cannot.
import { compareAnswers, type OutputAgreement } from "../../src/evaluate/agree.ts";
import type { Graph, Node } from "../../src/graph/graph.ts";
import type { Feeds, Outputs } from "../../src/plan/machine.ts";
import { floats, numbers, type Tensor, tensorOver } from "../../src/tensor/tensor.ts";
import { madeOf } from "./noise.ts";
import { leastOfUse } from "./draft.ts";
import { byRuntime, plainly } from "./runtime.ts";

/** NaN, infinite, or all alike: nothing can be judged by it. */
export function degenerate(batches: readonly Outputs[]): string | undefined {
  for (const outputs of batches) {
    for (const output of outputs.values()) {
      if (output.dtype !== "float32") continue;
      const values = floats(output);
      if (!values.every(Number.isFinite)) return "an output holds NaN or infinity";
      if (values.length === 0) return "an output is empty";
      const [low, high] = [values.reduce((a, b) => Math.min(a, b)), values.reduce((a, b) => Math.max(a, b))];
      if (values.length > 1 && high - low <= 1e-5 * Math.max(Math.abs(low), Math.abs(high))) {
        return "an output is constant";
      }
    }
  }
}

/** Devices compute integers of 32 bits, those of 64 too. */
const mostOfInteger = 2 ** 31;

/**
 * What is NaN somewhere inside is degenerate: some operators of ONNX Runtime (GRU) make numbers of it again. So is the most
 * negative integer, which is what x86 makes of floats that no integer holds.
 */
export async function undefinedWithin(
  graph: Graph,
  feeds: readonly Feeds[],
  mostOfFloat = Infinity,
): Promise<string | undefined> {
  const made = graph.nodes.flatMap((node) => node.outputs.filter((name) => name !== ""));
  const outputs = [...new Set([...graph.outputs, ...made])];
  const decided = new Set(madeOf(graph));
  for (const values of await plainly(graph, feeds, outputs)) {
    for (const [name, value] of values) {
      const isFloat = /float/.test(value.dtype);
      if (numbers(value).some(Number.isNaN)) return "a value within holds NaN";
      if (isFloat && numbers(value).some((one) => Math.abs(one) > mostOfFloat)) {
        return "a value within is larger than its shorter floats";
      }
      if (isFloat && decided.has(name) && isNothing(value)) return "a value within is all but nothing";
      if (!isFloat && decided.has(name) && numbers(value).some((one) => Math.abs(one) >= mostOfInteger)) {
        return "an integer within takes more than 32 bits, or is none";
      }
    }
    if (graph.nodes.some((node) => castsBelowZero(node, values))) {
      return "a number below zero becomes unsigned";
    }
  }
}

/** Where a function is nearly zero, what one runtime calls a rounding is all that another has. */
function isNothing(value: Tensor): boolean {
  return numbers(value).every((one) => Math.abs(one) < leastOfUse);
}

/** What runtimes make of that differs. */
function castsBelowZero({ opType, inputs: [from], outputs: [to] }: Node, values: Outputs): boolean {
  const [x, y] = [values.get(from), values.get(to)];
  return opType === "Cast" && x !== undefined && y !== undefined && y.dtype.startsWith("uint") &&
    numbers(x).some((one) => one < 0);
}

/** Whether a float within the model is infinite or NaN, in any of its runs. */
export async function isInfiniteWithin(graph: Graph, feeds: readonly Feeds[]): Promise<boolean> {
  const outputs = [...new Set([...graph.outputs, ...madeOf(graph)])];
  const runs = await plainly(graph, feeds, outputs);
  return runs.some((values) => [...values.values()].some((value) => !numbers(value).every(Number.isFinite)));
}

/** How far the outputs move when the inputs do, by this share of each element. */
export async function nudgedBy(
  share: number,
  bytes: Uint8Array,
  feeds: readonly Feeds[],
  expected: readonly Outputs[],
): Promise<OutputAgreement[]> {
  const nudged = (t: Tensor) =>
    tensorOver("float32", t.shape, floats(t).map((value, i) => value * (1 + (i % 2 ? share : -share))));
  const moved = feeds.map((feed) => new Map([...feed].map(([name, t]) => [name, nudged(t)])));
  const found = await byRuntime(bytes, moved, "disabled");
  const answers = expected.map((float, i) => ({ float, ours: float, theirs: found[i] }));
  return compareAnswers([...expected[0].keys()], answers);
}
