// Accumulates a comparison of two models' outputs for the same samples.
import { argmax, sqnrDb } from "../src/evaluate/metrics.ts";
import type { Batch, Outputs } from "../src/plan/machine.ts";
import { floats } from "../src/tensor/tensor.ts";

/** The elements of the real samples, without padding. */
export function realElements(outputs: Outputs, name: string, { count, feeds }: Batch): Float32Array {
  const [{ shape }] = feeds.values();
  const values = floats(outputs.get(name)!);
  return values.subarray(0, (values.length / shape[0]) * count);
}

export class Comparison {
  private readonly classes: number;
  /** For each answer: whether it equals that of the first model. */
  readonly agreements: boolean[] = [];
  /** For each labelled answer: whether it equals the label. */
  readonly hits: boolean[] = [];
  private signal = 0;
  private noise = 0;

  /** `classes` consecutive elements form one answer. */
  constructor(classes: number) {
    this.classes = classes;
  }

  /** Compares `y` with `x`; labels, one per sample, apply to `y`. */
  add(x: Float32Array, y: Float32Array, labels: readonly (number | undefined)[] = []) {
    for (let i = 0; i < x.length; i++) {
      this.signal += x[i] ** 2;
      this.noise += (x[i] - y[i]) ** 2;
    }
    for (let from = 0, i = 0; from < x.length; from += this.classes, i++) {
      const answer = argmax(y, from, from + this.classes);
      this.agreements.push(answer === argmax(x, from, from + this.classes));
      if (labels[i] !== undefined) this.hits.push(answer === labels[i]);
    }
  }

  get agreementPercent(): number {
    return percentOf(this.agreements);
  }

  /** Undefined without labels. */
  get top1(): number | undefined {
    return this.hits.length > 0 ? percentOf(this.hits) : undefined;
  }

  /** Norm of the difference over the norm of `x`. */
  get relativeError(): number {
    return Math.sqrt(this.noise / this.signal);
  }

  get sqnrDb(): number {
    return sqnrDb(this.signal, this.noise);
  }
}

function percentOf(marks: readonly boolean[]): number {
  return (100 * marks.filter(Boolean).length) / marks.length;
}
