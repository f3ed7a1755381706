// The schedule of a training: learning rates, readings and judgements are functions of the step alone, so that a
// resumed run repeats an uninterrupted one.
import { cosine } from "../gradient/steps.ts";

/** A linear rise over the first steps, then half a cosine down to zero (arXiv 1608.03983). */
export function rateAt(rate: number, index: number, steps: number, warmUp: number): number {
  if (index < warmUp) return rate * (index + 1) / (warmUp + 1);
  return cosine(rate, index - warmUp, steps - warmUp);
}

/** A twentieth of the steps, at most a hundred. */
export function warmUpOf(steps: number): number {
  return Math.min(100, Math.floor(steps / 20));
}

/** The number of steps for `epochs` passes over the training samples. */
export function stepsOf(epochs: number, count: number, batch: number): number {
  return Math.max(1, epochs * Math.floor(count / batch));
}

/** A tenth of the samples, in whole batches; 0 if that would be too few to judge by. */
export function heldOutCount(count: number, batch = 1): number {
  return count < 40 ? 0 : Math.floor(count / 10 / batch) * batch;
}

/** Whether this step ends a period or is the last. */
export function endsPeriod(index: number, period: number, steps: number): boolean {
  return (index + 1) % period === 0 || index + 1 === steps;
}
