// Metrics of a quantized model, as sums over samples, so that batches may come in any order.

/** 10 · log10(Σ x² / Σ (x − y)²) in decibels; Infinity if nothing differs. */
export function sqnrDb(signal: number, noise: number): number {
  return noise === 0 ? Infinity : 10 * Math.log10(signal / noise);
}

/** The index of the largest element in [from, to), relative to `from`; the first of equal ones. */
export function argmax(values: ArrayLike<number>, from: number, to: number): number {
  let best = from;
  for (let i = from + 1; i < to; i++) if (values[i] > values[best]) best = i;
  return best - from;
}

/** The number of elements of [from, to) that rank before `label`: 0 means top-1; equal ones rank by index. */
export function rankOf(values: ArrayLike<number>, from: number, to: number, label: number): number {
  const own = values[from + label];
  let rank = 0;
  for (let i = from; i < to; i++) if (values[i] > own || (values[i] === own && i - from < label)) rank++;
  return rank;
}

/** Sums of rounded probabilities differ from 1 by less. */
const sumTolerance = 1e-2;
/** The smallest positive float32: a probability of 0 has a finite loss. */
const leastProbability = 1.401298464324817e-45;

/** −log of the label's probability. `values` are logits, or probabilities if none is negative and their sum is 1. */
export function crossEntropy(values: ArrayLike<number>, label: number): number {
  let [sum, most, least] = [0, -Infinity, Infinity];
  for (let i = 0; i < values.length; i++) {
    sum += values[i];
    most = Math.max(most, values[i]);
    least = Math.min(least, values[i]);
  }
  if (least >= 0 && Math.abs(sum - 1) < sumTolerance) {
    return -Math.log(Math.max(values[label], leastProbability));
  }
  let exponentials = 0;
  for (let i = 0; i < values.length; i++) exponentials += Math.exp(values[i] - most);
  return Math.log(exponentials) + most - values[label];
}
