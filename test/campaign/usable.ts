// Whether a float model can be judged by its outputs: not if they are undefined, constant, or depend on the last bits.
import type { OutputAgreement } from "../../src/evaluate/agree.ts";
import type { Graph, Node } from "../../src/graph/graph.ts";
import type { Feeds, Outputs } from "../../src/plan/machine.ts";
import { floats, numbers, type Tensor, tensorOver } from "../../src/tensor/tensor.ts";
import { compareOutputs } from "./compare.ts";
import { computedValues } from "./noise.ts";
import { smallestUsable } from "./draft.ts";
import { runInRuntime, runUnoptimized } from "./runtime.ts";

/** Why an output cannot be judged: NaN, infinite, empty or constant; undefined if all can. */
export function whyDegenerate(batches: readonly Outputs[]): string | undefined {
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

/** Devices compute integers in 32 bits, int64 too. */
const mostOfInteger = 2 ** 31;

/**
 * Why an intermediate value cannot be judged. NaN: some operators of ONNX Runtime (GRU) turn it into numbers again. The
 * most negative integer: on x86, floats that no integer can hold become that.
 */
export async function whyUndefined(
  graph: Graph,
  feeds: readonly Feeds[],
  mostOfFloat = Infinity,
): Promise<string | undefined> {
  const made = graph.nodes.flatMap((node) => node.outputs.filter((name) => name !== ""));
  const outputs = [...new Set([...graph.outputs, ...made])];
  const decided = new Set(computedValues(graph));
  for (const values of await runUnoptimized(graph, feeds, outputs)) {
    for (const [name, value] of values) {
      const isFloat = /float/.test(value.dtype);
      if (numbers(value).some(Number.isNaN)) return "an intermediate value is NaN";
      if (isFloat && numbers(value).some((one) => Math.abs(one) > mostOfFloat)) {
        return "an intermediate value is too large for 16-bit floats";
      }
      if (isFloat && decided.has(name) && isNearlyZero(value)) return "an intermediate value is nearly zero";
      if (!isFloat && decided.has(name) && numbers(value).some((one) => Math.abs(one) >= mostOfInteger)) {
        return "an intermediate integer needs more than 32 bits";
      }
    }
    if (graph.nodes.some((node) => castsBelowZero(node, values))) {
      return "a negative number is cast to an unsigned type";
    }
  }
}

/** If a function is nearly zero, rounding errors are all that is left. */
function isNearlyZero(value: Tensor): boolean {
  return numbers(value).every((one) => Math.abs(one) < smallestUsable);
}

/** Runtimes differ in that. */
function castsBelowZero({ opType, inputs: [from], outputs: [to] }: Node, values: Outputs): boolean {
  const [x, y] = [values.get(from), values.get(to)];
  return opType === "Cast" && x !== undefined && y !== undefined && y.dtype.startsWith("uint") &&
    numbers(x).some((one) => one < 0);
}

/** Whether an intermediate value is infinite or NaN for any of the feeds. */
export async function hasInfiniteValue(graph: Graph, feeds: readonly Feeds[]): Promise<boolean> {
  const outputs = [...new Set([...graph.outputs, ...computedValues(graph)])];
  const runs = await runUnoptimized(graph, feeds, outputs);
  return runs.some((values) => [...values.values()].some((value) => !numbers(value).every(Number.isFinite)));
}

/** How far the outputs move if each element of the inputs moves by this share. */
export async function nudgeInputs(
  share: number,
  bytes: Uint8Array,
  feeds: readonly Feeds[],
  expected: readonly Outputs[],
): Promise<OutputAgreement[]> {
  const nudge = (t: Tensor) =>
    tensorOver("float32", t.shape, floats(t).map((value, i) => value * (1 + (i % 2 ? share : -share))));
  const moved = feeds.map((feed) => new Map([...feed].map(([name, t]) => [name, nudge(t)])));
  const found = await runInRuntime(bytes, moved, "disabled");
  return compareOutputs([...expected[0].keys()], expected, found);
}
