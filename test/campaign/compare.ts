// How outputs of the same model differ: from another runtime, or with noise.
import { compareAnswers, type OutputAgreement } from "../../src/evaluate/agree.ts";
import type { Name } from "../../src/graph/graph.ts";
import type { Outputs } from "../../src/plan/machine.ts";

/** Each named output over all batches. */
export function compareOutputs(
  names: readonly Name[],
  expected: readonly Outputs[],
  found: readonly Outputs[],
): OutputAgreement[] {
  return compareAnswers(
    names,
    expected.map((outputs, i) => ({ float: outputs, ours: outputs, theirs: found[i] })),
  );
}
