// Whether a runtime's outputs for a written file agree with halftone's evaluation.
import type { Name } from "../graph/graph.ts";
import { elements, floats, type Tensor } from "../tensor/tensor.ts";
import { sqnrDb } from "./metrics.ts";

/** One output over all samples. */
export type OutputAgreement = {
  readonly name: Name;
  /** SQNR of the runtime's outputs against halftone's, in dB: Infinity if they are equal. */
  readonly agreementDb: number;
  /** SQNR of the runtime's outputs against the float model, in dB. */
  readonly sqnrDb: number;
  readonly agrees: boolean;
  /** Why the two cannot be compared. */
  readonly mismatch?: string;
};

type Outputs = ReadonlyMap<Name, Tensor>;
/**
 * The outputs of one batch: by the float model, by the quantized model in halftone, and by the written file in a
 * runtime.
 */
export type Answers = { readonly float: Outputs; readonly ours: Outputs; readonly theirs: Outputs };

/**
 * Float sums in another order sometimes fall on the other side of a tie. That changes a value in between by one code,
 * and outputs by less than the noise of rounding all values. Differences up to 3 dB below that noise are taken for ties
 * (with power-of-two scales, every other average of a pool is a tie); noise 80 dB below the signal comes from float32
 * itself.
 */
const tieShare = 0.7;
const floatDb = 80;
/** The largest share of integer or boolean elements that ties may change, such as the index of a maximum. */
const mostTurned = 0.05;

/**
 * Compares each output over all batches. `leastDb`: an SQNR against the float model that suffices by itself, for forms
 * in which a runtime rounds differently from halftone.
 */
export function compareAnswers(
  names: readonly Name[],
  batches: readonly Answers[],
  leastDb?: number,
): OutputAgreement[] {
  return names.map((name) => compareOutput(name, batches, leastDb));
}

function compareOutput(name: Name, batches: readonly Answers[], leastDb?: number): OutputAgreement {
  const sums = { signal: 0, apart: 0, ours: 0, theirs: 0, floatSignal: 0, turned: 0, changed: 0, count: 0 };
  for (const { float, ours, theirs } of batches) {
    const [f, o, t] = [float, ours, theirs].map((outputs) => outputs.get(name));
    const mismatch = !f || !o ? "halftone has no such output" : mismatchOf(o, t);
    if (mismatch) return { name, agreementDb: -Infinity, sqnrDb: -Infinity, agrees: false, mismatch };
    addBatch(sums, floats(f!), floats(o!), floats(t!));
  }
  const isFloat = /float/.test(batches[0].ours.get(name)!.dtype);
  const agreementDb = sqnrDb(sums.signal, sums.apart);
  const foundDb = sqnrDb(sums.floatSignal, sums.theirs);
  const isEnough = leastDb !== undefined && foundDb >= leastDb;
  const agrees = isEnough ||
    (isFloat
      ? sums.apart <= tieShare ** 2 * sums.ours || agreementDb >= floatDb
      : sums.turned <= Math.max(1, mostTurned * sums.count, tieShare * sums.changed));
  return { name, agreementDb, sqnrDb: foundDb, agrees };
}

function mismatchOf(ours: Tensor, theirs: Tensor | undefined): string | undefined {
  if (!theirs) return "the runtime has no such output";
  if (ours.dtype !== theirs.dtype) return `types are ${ours.dtype} and ${theirs.dtype}`;
  if (ours.shape.join() !== theirs.shape.join()) return `shapes are [${ours.shape}] and [${theirs.shape}]`;
  const hasNaN = (t: Tensor) => Array.from(elements(t) as ArrayLike<number>).some(Number.isNaN);
  if (!/float/.test(ours.dtype) || hasNaN(ours) === hasNaN(theirs)) return undefined;
  return `only ${hasNaN(ours) ? "halftone" : "the runtime"} answers NaN`;
}

type Sums = Record<
  "signal" | "apart" | "ours" | "theirs" | "floatSignal" | "turned" | "changed" | "count",
  number
>;

function addBatch(sums: Sums, float: Float32Array, ours: Float32Array, theirs: Float32Array) {
  for (let i = 0; i < ours.length; i++) {
    const [f, o, t] = [float[i], ours[i], theirs[i]];
    sums.count++;
    if (!Object.is(o, t)) sums.turned++;
    if (!Object.is(o, f)) sums.changed++;
    // Equal infinities and NaN do not differ; infinite values and NaN must not raise the noise that hides other
    // differences.
    const apart = (a: number, b: number) => Object.is(a, b) ? 0 : (a - b) ** 2;
    if (Number.isFinite(o)) sums.signal += o * o;
    if (Number.isFinite(f)) sums.floatSignal += f * f;
    if (Number.isFinite(o) && Number.isFinite(f)) sums.ours += apart(o, f);
    sums.apart += apart(o, t);
    sums.theirs += apart(t, f);
  }
}
