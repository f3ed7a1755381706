// Accumulates the differences of two models' outputs, batch by batch.
import { ModelError } from "../error.ts";
import type { Dim } from "../graph/graph.ts";
import type { Batch, Outputs } from "../plan/machine.ts";
import { sizeOf } from "../plan/machine.ts";
import { sameShape } from "../tensor/shape.ts";
import { floats, type Tensor } from "../tensor/tensor.ts";
import { argmax, crossEntropy, rankOf, sqnrDb } from "./metrics.ts";
import { samplesAt, type Split, splitOf } from "./split.ts";

/** Percent of labelled samples whose label is first, or among the first five; their mean cross-entropy. */
export type Accuracy = { readonly top1: number; readonly top5: number; readonly loss: number };

export type ComparedOutput = {
  readonly name: string;
  /** NaN if no run gave both outputs the same shape. */
  readonly sqnrDb: number;
  /** Runs in which the two shapes differ because data decide them; the SQNR excludes them. */
  readonly otherShapes?: { readonly runs: number; readonly of: number };
};

/** An output of the float graph, its name in the other graph, and its declared shape. */
export type Compared = { readonly name: string; readonly other: string; readonly shape?: readonly Dim[] };

type Sums = { signal: number; noise: number; difference: number; elements: number; otherShapes: number };
type Hits = { top1: number; top5: number; loss: number };

export class Tally {
  images = 0;
  private runs = 0;
  private answers = 0;
  private labelled = 0;
  private agreed = 0;
  private readonly hits: [Hits, Hits] = [{ top1: 0, top5: 0, loss: 0 }, { top1: 0, top5: 0, loss: 0 }];
  private readonly sums: readonly Sums[];
  private readonly compared: readonly Compared[];
  private readonly batchNames: ReadonlySet<Dim>;

  constructor(compared: readonly Compared[], batchNames: ReadonlySet<Dim>) {
    this.compared = compared;
    this.batchNames = batchNames;
    this.sums = compared.map(() => ({ signal: 0, noise: 0, difference: 0, elements: 0, otherShapes: 0 }));
  }

  add(batch: Batch, float: Outputs, quantized: Outputs) {
    this.compared.forEach(({ name, other, shape }, i) => {
      const [x, y] = [float.get(name), quantized.get(other)];
      if (!x || !y) {
        throw new ModelError(`Cannot compare the models: output "${name}" is missing in one of them`);
      }
      const split = splitOf(x, shape, this.batchNames, sizeOf(batch));
      if (i === 0) this.addAnswers(x, y, split, batch);
      if (!sameShape(x.shape, y.shape)) return void this.sums[i].otherShapes++;
      // The last batch may be padded.
      const real = (one: Tensor) => floats(split ? samplesAt(one, split, 0, batch.count) : one);
      addDifferences(this.sums[i], real(x), real(y));
    });
    this.images += batch.count;
    this.runs++;
  }

  /** For the first output: one answer per sample, or one for the batch. */
  private addAnswers(x: Tensor, y: Tensor, split: Split | undefined, batch: Batch) {
    const answers = split ? batch.count : 1;
    this.answers += answers;
    if (!sameShape(x.shape, y.shape)) return;
    for (let i = 0; i < answers; i++) {
      const [a, b] = [x, y].map((one) => split ? samplesAt(one, split, i, 1) : one);
      this.addSample(floats(a), floats(b), /int|bool/.test(x.dtype), batch.labels?.[i]);
    }
  }

  private addSample(x: Float32Array, y: Float32Array, isWhole: boolean, label: number | undefined) {
    const agree = isWhole
      ? x.every((value, i) => value === y[i])
      : argmax(x, 0, x.length) === argmax(y, 0, y.length);
    if (agree) this.agreed++;
    if (label === undefined || label >= x.length) return;
    this.labelled++;
    [x, y].forEach((values, i) => {
      const rank = rankOf(values, 0, values.length, label);
      if (rank === 0) this.hits[i].top1++;
      if (rank < 5) this.hits[i].top5++;
      this.hits[i].loss += crossEntropy(values, label);
    });
  }

  result() {
    if (this.images === 0) throw new ModelError("Cannot evaluate: the data set has no readable sample");
    const accuracy = this.hits.map(({ top1, top5, loss }): Accuracy => ({
      top1: (100 * top1) / this.labelled,
      top5: (100 * top5) / this.labelled,
      loss: loss / this.labelled,
    }));
    const outputs = this.compared.map(({ name }, i): ComparedOutput => {
      const { signal, noise, elements, otherShapes } = this.sums[i];
      return {
        name,
        sqnrDb: elements > 0 ? sqnrDb(signal, noise) : NaN,
        ...(otherShapes > 0 && { otherShapes: { runs: otherShapes, of: this.runs } }),
      };
    });
    const [first] = this.sums;
    return {
      images: this.images,
      ...(this.labelled > 0 ? { float: accuracy[0], quantized: accuracy[1] } : {}),
      agreement: this.agreed / this.answers,
      outputSqnrDb: outputs[0].sqnrDb,
      logitsDifference: first.elements === 0 ? 0 : first.difference / first.elements,
      outputs,
    };
  }
}

function addDifferences(sums: Sums, x: Float32Array, y: Float32Array) {
  for (let i = 0; i < x.length; i++) {
    const difference = x[i] - y[i];
    sums.signal += x[i] * x[i];
    sums.noise += difference * difference;
    sums.difference += Math.abs(difference);
  }
  sums.elements += x.length;
}
